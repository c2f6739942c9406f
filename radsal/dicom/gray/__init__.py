"""From stored values to gray, and to what a model is given (PS3.3 C.11).

Enters: a data set, stored values. Leaves: the grayscale chain as the file states it, lookup tables
for the display, windows found in the pixels, overlay and shutter planes, and the model's input.

Why it exists: the chain is the part of RadSal that a radiologist trusts most; each stage is one
function of the stored value.
"""
