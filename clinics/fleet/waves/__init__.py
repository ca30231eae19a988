"""What all clinics, or those of a group, are to do alike: changed in waves, watched, stopped by what goes wrong."""
