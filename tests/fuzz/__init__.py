"""Whatever bytes somebody hands to phased: it answers in plain words and in time, or it reads them."""
