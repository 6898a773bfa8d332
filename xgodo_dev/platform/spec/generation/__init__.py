"""Makes what is derived from the specs: ``make generate``. Not part of the installed package."""
