"""Patient fields encrypted at rest: one data key per clinic, bound to clinic, table, column and row; docs/adr/0031."""
