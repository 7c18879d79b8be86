// RUN: attn-opt --help | FileCheck %s --check-prefix=HELP
// RUN: attn-opt --show-dialects | FileCheck %s --check-prefix=DIALECTS
// RUN: not attn-opt %s --fmha-unknown 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not attn-opt %s --attn-select-tiles=tile=3 2>&1 | FileCheck %s --check-prefix=OPTION

// HELP: attn-opt: passes of the sparse attention compiler
// HELP-DAG: --attn-select-tiles
// HELP-DAG: --convert-attn-to-fmha
// HELP-DAG: --convert-fmha-to-cpu
// HELP-DAG: --convert-fmha-to-mma-sync
// HELP-DAG: --fmha-verify-scheduled
// HELP-DAG: --attn-to-fmha
// HELP-DAG: --attn-to-llvm
// HELP-DAG: --attn-to-scheduled

// DIALECTS: Available Dialects: {{.*}}attn,{{.*}}fmha,
// UNKNOWN: Unknown command line argument '--fmha-unknown'
// OPTION: no such option tile
func.func @f() {
  return
}
