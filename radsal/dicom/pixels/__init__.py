"""From the place of the pixel data to stored values, or RGB, of one frame.

Enters: an open source and the frame's number. Leaves: an array of integers, exactly the bits that
the file stores; the codestream's own header is compared with the file's before a decoder sees it.

Why it exists: everything that is particular to a transfer syntax or a photometric interpretation
ends here.
"""
