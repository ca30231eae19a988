"""A real password hash, done quickly: the server that a browser test starts can check it too."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class QuickHasher(PBKDF2PasswordHasher):
    iterations = 10
