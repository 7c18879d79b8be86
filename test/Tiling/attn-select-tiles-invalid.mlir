// RUN: attn-opt %s --attn-select-tiles=target=sm_81 --verify-diagnostics

// expected-error@+1 {{expected target to be one of cpu, sm_80, sm_86, sm_87, sm_89, sm_90, sm_90a, sm_100a, sm_103a, sm_110a, sm_120a, sm_121a, but got 'sm_81'}}
func.func @unknown_target() {
  return
}
