#!/bin/sh
# Interesting (1) where a causal band is left, else 0; for attn-reduce.
if grep -q 'attn.band<upper = 0>' "$1"; then exit 1; fi
exit 0
