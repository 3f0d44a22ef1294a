import gc

# What a process reads at its start are some 400,000 objects that stay; looking for garbage among them after every 700
# took a fifth of the start.
gc.set_threshold(10_000)
