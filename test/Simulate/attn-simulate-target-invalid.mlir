// RUN: attn-opt %s --attn-simulate=target=abacus --verify-diagnostics -o /dev/null

!t = tensor<1x16x2x64xf16>
func.func @target(%q: !t) -> !t {
  // expected-error@+1 {{'attn.attention' op expected target to be one of cpu, sm_80,}}
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.band<>) layout(heads_last) : (!t, !t, !t) -> !t
  return %o : !t
}
