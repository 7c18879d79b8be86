// RUN: attn-opt %s --verify-roundtrip | FileCheck %s
//
// The logical form, by the examples of the descriptions.

// CHECK-LABEL: fmha.program @f(
// CHECK-SAME: target("cpu") pattern(#attn.band<upper = 0>) tile(query = [64], key = [64]) {
fmha.program @f(%q: !fmha.view<f32, rank = 1, dim = 64>, %k: !fmha.view<f32, rank = 1, dim = 64>, %v: !fmha.view<f32, rank = 1, dim = 64>, %o: !fmha.view<f32, rank = 1, dim = 64>, %lse: !fmha.view<f32, rank = 1, dim = 0>, %scale: f32) target("cpu") pattern(#attn.band<upper = 0>) tile(query = [64], key = [64]) {
}

// CHECK-LABEL: func @launch
// CHECK: fmha.launch @f(%{{.*}}) heads_last scale 1.250000e-01 : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>) -> tensor<?x?x?x64xf32>
func.func @launch(%q: tensor<?x?x?x64xf32>, %k: tensor<?x?x?x64xf32>, %v: tensor<?x?x?x64xf32>) {
  %o = fmha.launch @f(%q, %k, %v) heads_last scale 1.250000e-01 : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>) -> tensor<?x?x?x64xf32>
  return
}

// CHECK-LABEL: fmha.program @tiles(
// CHECK-SAME: attributes {shared_bytes = 1024 : i64, threads = 128 : i64} {
// CHECK: fmha.for_tiles (%[[T:.+]]: !fmha.query_tile<1>) over
// CHECK-NEXT: }
fmha.program @tiles(%q: !fmha.view<f32, rank = 1, dim = 64>, %k: !fmha.view<f32, rank = 1, dim = 64>, %v: !fmha.view<f32, rank = 1, dim = 64>, %o: !fmha.view<f32, rank = 1, dim = 64>, %lse: !fmha.view<f32, rank = 1, dim = 0>, %scale: f32) target("cpu") pattern(#attn.band<>) tile(query = [64], key = [64]) attributes {threads = 128, shared_bytes = 1024} {
  fmha.for_tiles (%t : !fmha.query_tile<1>) over %q, %k : !fmha.view<f32, rank = 1, dim = 64>, !fmha.view<f32, rank = 1, dim = 64> {
  }
}

// CHECK-LABEL: fmha.program @element_aligned(
// CHECK-SAME: attributes {element_aligned} {
fmha.program @element_aligned(%q: !fmha.view<f32, rank = 1, dim = 64>, %k: !fmha.view<f32, rank = 1, dim = 64>, %v: !fmha.view<f32, rank = 1, dim = 64>, %o: !fmha.view<f32, rank = 1, dim = 64>, %lse: !fmha.view<f32, rank = 1, dim = 0>, %scale: f32) target("cpu") pattern(#attn.band<>) tile(query = [64], key = [64]) attributes {element_aligned} {
}

// CHECK-LABEL: func @boxes
// CHECK: fmha.for_key_boxes (%{{.*}}, %{{.*}}) of %{{.*}} : {{.*}}<1> iter(%[[X:.+]] = %{{.*}} : {{.*}}<64xf32>) {
// CHECK-NEXT: fmha.yield %[[X]] : {{.*}}<64xf32>
func.func @boxes(%t: !fmha.query_tile<1>) {
  %m = fmha.fill 0.0 : !fmha.tile<64xf32>
  %r = fmha.for_key_boxes (%b, %partial) of %t : !fmha.query_tile<1> iter(%x = %m : !fmha.tile<64xf32>) {
    fmha.yield %x : !fmha.tile<64xf32>
  }
  fmha.for_key_boxes (%b, %partial) of %t : !fmha.query_tile<1> {
  }
  return
}
