"""The table of providers: who outside the house may be asked for what, where, how long and at what price. Shared."""

from __future__ import annotations

import uuid

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy

from clinics.providers.addresses import wrong_address

key_rule = RegexValidator(r"^[a-z][a-z0-9-]{1,38}[a-z0-9]\Z", "Use lower-case letters, digits and hyphens.")


class Capability(models.TextChoices):
    SPEECH = "speech", gettext_lazy("Speech: text to sound")
    MODEL = "model", gettext_lazy("Language model")
    RECOGNITION = "recognition", gettext_lazy("Recognition: sound to text")
    SMS = "sms", gettext_lazy("Text messages")
    CALLS = "calls", gettext_lazy("Calls and recordings")


class Protocol(models.TextChoices):
    """How it is spoken to; each has one adapter, or the telephone network's own."""

    GOOGLE_SPEECH = "google_speech", "Google Cloud Text-to-Speech"
    ELEVENLABS = "elevenlabs", "ElevenLabs"
    ANTHROPIC = "anthropic", "Anthropic"
    OPENAI = "openai", "OpenAI and what is compatible with it"
    TWILIO = "twilio", "Twilio, over the clinic's telephone account"


class Signed(models.TextChoices):
    """What a clinic must have signed before its patients' data may go there."""

    BAA = "baa", "Business associate agreement (HIPAA)"
    DPA = "dpa", "Data processing agreement"


class Unit(models.TextChoices):
    CHARACTERS = "characters", "Per million characters"
    TOKENS = "tokens", "Per million tokens"
    MINUTE = "minute", "Per minute"
    MESSAGE = "message", "Per message"


class ProviderQuerySet(models.QuerySet["Provider"]):
    def offered(self) -> ProviderQuerySet:
        """Those that may be asked, in the order in which they are tried."""
        return self.filter(active=True).order_by("capability", "position", "key")


class Provider(models.Model):
    """One provider of one capability. Its credentials are in the environment under its key, never here.

    Its host is what the egress allowlist is made of. `active` is the operators' switch; whether a clinic's patient
    data may go there is said by that clinic's agreement alone (`clinics.providers.gate`).
    """

    key = models.SlugField(max_length=40, unique=True, validators=[key_rule], help_text="Such as google-speech")
    name = models.CharField(max_length=80)
    capability = models.CharField(max_length=12, choices=Capability)
    protocol = models.CharField(max_length=16, choices=Protocol)
    base_url = models.CharField(max_length=200, help_text="https://host; nothing is asked for at any other host")
    location = models.CharField(max_length=60, help_text="Where it keeps and works on data, such as US")
    agreement_needed = models.CharField(
        max_length=4, choices=Signed, default=Signed.BAA, help_text="What a clinic signs before patient data goes there"
    )
    position = models.PositiveSmallIntegerField(default=10, help_text="Lower is tried first")
    connect_ms = models.PositiveIntegerField(default=500, validators=[MinValueValidator(20), MaxValueValidator(5000)])
    answer_ms = models.PositiveIntegerField(
        default=800,
        validators=[MinValueValidator(50), MaxValueValidator(15000)],
        help_text="All that a caller waits for one answer, in milliseconds",
    )
    price = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True, help_text="US dollars")
    price_unit = models.CharField(max_length=12, choices=Unit, blank=True)
    model = models.CharField(max_length=80, blank=True, help_text="Which model or engine is asked for")
    voices = models.JSONField(
        default=dict, blank=True, help_text='Of speech: its voice per language, such as {"en": "en-US-Neural2-F"}'
    )
    active = models.BooleanField(default=False)

    objects = ProviderQuerySet.as_manager()

    class Meta:
        ordering = ["capability", "position", "key"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(price=None) | ~models.Q(price_unit=""), name="provider_price_has_unit"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        wrong: dict[str, str] = {}
        if problem := wrong_address(self.base_url):
            wrong["base_url"] = problem
        if self.price is not None and not self.price_unit:
            wrong["price_unit"] = "Say what the price is for."
        if not isinstance(self.voices, dict) or not all(isinstance(one, str) for one in self.voices.values()):
            wrong["voices"] = 'Write one voice per language, such as {"en": "...", "es": "..."}.'
        if wrong:
            raise ValidationError(wrong)


class Warming(models.Model):
    """That a clinic's fixed sentences are to be spoken ahead. The row is the truth; a worker looks for what is due."""

    clinic = models.OneToOneField("clinics.Clinic", on_delete=models.CASCADE, related_name="warming")
    wanted_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    warmed_at = models.DateTimeField(null=True, help_text="The `wanted_at` that has been done")
    missing = models.PositiveIntegerField(default=0, help_text="Sentences that could not be spoken at the last try")

    def __str__(self) -> str:
        return f"voices of {self.clinic_id}"


class Stopped(models.TextChoices):
    """Why a test of voices is over."""

    PERSON = "person", gettext_lazy("Ended by a person")
    HANG_UPS = "hang_ups", gettext_lazy("Ended by itself: more callers hung up within half a minute")
    FINDINGS = "findings", gettext_lazy("Ended by itself: more calls had to be escalated")


class VoiceTestQuerySet(models.QuerySet["VoiceTest"]):
    def running(self) -> VoiceTestQuerySet:
        return self.filter(stopped_at=None)


class VoiceTest(models.Model):
    """A share of a clinic's calls answered in another provider's voice, to see whether callers fare better. Shared.

    Which call heard which voice stands on the call itself; a caller hears the same voice each time.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey("clinics.Clinic", on_delete=models.CASCADE, related_name="voice_tests")
    baseline = models.CharField(max_length=40, help_text="Key of the provider that speaks as before")
    challenger = models.CharField(max_length=40, help_text="Key of the provider that is tried")
    percent = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(50)], help_text="Calls of a hundred that it answers"
    )
    worth = models.DecimalField(
        max_digits=6, decimal_places=2, default=2, help_text="US dollars that one more completed call may cost"
    )
    started_at = models.DateTimeField(auto_now_add=True)
    started_by = models.UUIDField(help_text="A person of the clinic")
    stopped_at = models.DateTimeField(null=True, blank=True)
    stopped_by = models.UUIDField(null=True, blank=True, help_text="None when it ended by itself")
    why = models.CharField(max_length=10, choices=Stopped, blank=True)

    objects = VoiceTestQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic"], condition=models.Q(stopped_at=None), name="voice_test_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=models.Q(stopped_at=None) | ~models.Q(why=""), name="voice_test_stopped_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.challenger} beside {self.baseline}"
