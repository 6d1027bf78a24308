"""A receipt on paper (R-20): its layout, the PDF, and the printers."""
