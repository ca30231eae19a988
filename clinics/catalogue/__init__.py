"""The portal's words in other languages: found in the sources, kept in a catalogue, compiled for Django and scripts."""
