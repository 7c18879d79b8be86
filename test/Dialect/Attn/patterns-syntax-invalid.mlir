// RUN: attn-opt %s --split-input-file --verify-diagnostics
//
// Named parameters: unknown and repeated names, and values of a wrong kind.

// expected-error@+1 {{expected one of 'window', 'stride', 'dilation', 'causal', 'boundary', 'window_table', but got 'radius'}}
func.func private @unknown_name() attributes {p = #attn.neighborhood<window = [3], radius = [1]>}

// -----

// expected-error@+1 {{expected parameter 'window' once, but got it again}}
func.func private @repeated_name() attributes {p = #attn.neighborhood<window = [3], window = [5]>}

// -----

// expected-error@+1 {{expected one of 'lower', 'upper', 'align', 'axis', but got 'left'}}
func.func private @unknown_band_name() attributes {p = #attn.band<left = 3>}

// -----

// expected-error@+1 {{expected 'align' to be top_left or bottom_right, but got 'center'}}
func.func private @unknown_alignment() attributes {p = #attn.band<align = center>}

// -----

// expected-error@+1 {{expected 'true' or 'false', but got 'yes'}}
func.func private @no_boolean() attributes {p = #attn.neighborhood<window = [3], causal = [yes]>}

// -----

// expected-error@+1 {{integer value too large}}
func.func private @too_many_digits() attributes {p = #attn.neighborhood<window = [99999999999999999999]>}

// -----

// expected-error@+1 {{expected integer value}}
func.func private @no_integer() attributes {p = #attn.band<upper = 1.5>}
