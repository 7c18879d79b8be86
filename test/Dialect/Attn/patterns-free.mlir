// RUN: attn-opt %s --verify-roundtrip | FileCheck %s

// Compositions, predicates, and the runs of blocked grids.

// CHECK: a = #attn.any_of<[#attn.band<lower = -255, upper = 0>, #attn.halo<block = [64], halo = [64]>]>
func.func private @any_of() attributes {a = #attn.any_of<[#attn.band<lower = -255, upper = 0>, #attn.halo<block = [64], halo = [64]>]>}

// CHECK: a = #attn.not<#attn.band<lower = -255, upper = 0>>
func.func private @not() attributes {a = #attn.not<#attn.band<lower = -255, upper = 0>>}

// CHECK: a = #attn.predicate<@same_parity>
func.func private @predicate() attributes {a = #attn.predicate<@same_parity>}

// CHECK: a = #attn.blocked<block = [7, 7]>
func.func private @blocked() attributes {a = #attn.blocked<block = [7, 7]>}

// CHECK: a = #attn.shifted_window<window = [7, 7], shift = [3, 3]>
func.func private @shifted_window() attributes {a = #attn.shifted_window<window = [7, 7], shift = [3, 3]>}

// CHECK: a = #attn.halo<block = [8, 8], halo = [3, 3]>
func.func private @halo() attributes {a = #attn.halo<block = [8, 8], halo = [3, 3]>}

// CHECK: a = #attn.same<table = 0, sorted>
func.func private @same() attributes {a = #attn.same<table = 0, sorted>}

!t = tensor<1x8x2x16xf32>
// CHECK-LABEL: func @tables
// CHECK: pattern(#attn.same<table = 0>) tables(%{{.*}}) layout(heads_last)
func.func @tables(%q: !t, %ids: tensor<8xi32>) {
  %o = attn.attention query(%q) key(%q) value(%q) pattern(#attn.same<table = 0>) tables(%ids) layout(heads_last) : (!t, !t, !t, tensor<8xi32>) -> !t
  return
}

// CHECK: a = #attn.any_of<[#attn.range<side = query, end = 4>, #attn.range<side = key, end = 4>]>
func.func private @range() attributes {a = #attn.any_of<[#attn.range<side = query, end = 4>, #attn.range<side = key, end = 4>]>}
