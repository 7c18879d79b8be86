//===- Report.h - A simulation as text and as JSON ------------------------===//
//
// What people and programs read; nothing is computed here.
//
//===----------------------------------------------------------------------===//
#ifndef ATTN_LIB_SIMULATE_REPORT_H
#define ATTN_LIB_SIMULATE_REPORT_H

#include "attn/Simulate/Model.h"

#include "llvm/Support/JSON.h"

namespace mlir::attn {

/// "16x8".
std::string spell(ArrayRef<int64_t> extents);
/// The attribute as the IR writes it.
std::string spell(PatternAttrInterface pattern);
/// A number with `digits` decimals; "inf" or "-" where there is none.
std::string spell(double value, int digits);

/// The table of one attention, several lines without the last line's end.
std::string tableText(const TileProblem &problem, const Simulation &answer);
/// The table of a sweep.
std::string sweepText(ArrayRef<SweepEntry> entries);

/// Everything that the tables say. A number that does not exist is null.
llvm::json::Object toJson(const TileProblem &problem, const Simulation &answer);

} // namespace mlir::attn

#endif // ATTN_LIB_SIMULATE_REPORT_H
