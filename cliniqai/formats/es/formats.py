"""Spanish in the United States: 1.5 mg is one and a half, as on every label there, and never 1,5."""

DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
