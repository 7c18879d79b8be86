// RUN: attn-opt %s --split-input-file --verify-diagnostics
//
// A list that is given must not be empty.
// expected-error@+1 {{expected 'stride' to have 1 entries as 'window' has, but got 0}}
func.func private @empty_stride() attributes {p = #attn.neighborhood<window = [3], stride = []>}
