"""All clinics together: their schemas brought up to date in rings, their data moved in batches, what stands where."""
