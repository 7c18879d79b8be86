//===- LowerClassify.cpp - fmha-lower-classify ----------------------------===//
//
// One loop over the tile's boxes. A run of boxes along the last axis that the
// pattern excludes is skipped in one step; runs double as long as that works and
// halve when it does not, so that a gap costs its logarithm. What is left goes
// box by box: certain ones are full, the others are tested pair by pair.
//
//===----------------------------------------------------------------------===//
#include "BoxWalk.h"

using namespace mlir;
using namespace mlir::fmha;

namespace mlir::fmha {
#define GEN_PASS_DEF_LOWERCLASSIFY
#include "attn/Transforms/Fmha/Passes.h.inc"
} // namespace mlir::fmha

/// Longest run of boxes that is asked about at once.
static constexpr int64_t kLongestRun = 1 << 15;

namespace {
/// The code of one fmha.classify.
class Classifier {
public:
  Classifier(ImplicitLocOpBuilder &b, ProgramOp program, ClassifyOp op)
      : b(b), op(op), boxes(b, program, op.getTile()) {}

  void build() {
    Value row = TilePlaceOp::create(b, op.getTile()).getRow();
    Value header = add(arith::AddIOp::create(b, row, row), constant(b, 2));
    Value capacity = read(constant(b, 0));
    Value packed =
        add(read(constant(b, 1)), arith::MulIOp::create(b, row, capacity));
    Value own = read(header);
    Value isPacked = arith::CmpIOp::create(b, arith::CmpIPredicate::sgt,
                                           capacity, constant(b, 0));
    position = arith::SelectOp::create(b, isPacked, packed, own);
    writes = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, capacity,
                                   constant(b, 0));
    Value count = buildLoop();
    WriteWordOp::create(b, position, op.getList(), header);
    WriteWordOp::create(b, count, op.getList(), add(header, constant(b, 1)));
  }

private:
  Value add(Value x, Value y) { return arith::AddIOp::create(b, x, y); }
  Value read(Value index) {
    return ReadWordOp::create(b, b.getI32Type(), op.getList(), index);
  }

  /// while (number < total) ...; the number of live boxes.
  Value buildLoop() {
    Value total = boxes.total(b);
    SmallVector<Value> inits{constant(b, 0), constant(b, 1), constant(b, 0)};
    auto loop = scf::WhileOp::create(
        b, TypeRange(ValueRange(inits)), inits,
        [&](OpBuilder &inner, Location loc, ValueRange carried) {
          ImplicitLocOpBuilder body(loc, inner);
          Value going = arith::CmpIOp::create(body, arith::CmpIPredicate::slt,
                                              carried[0], total);
          scf::ConditionOp::create(body, going, carried);
        },
        [&](OpBuilder &inner, Location loc, ValueRange carried) {
          OpBuilder::InsertionGuard guard(b);
          b.restoreInsertionPoint(inner.saveInsertionPoint());
          scf::YieldOp::create(b,
                               buildStep(carried[0], carried[1], carried[2]));
        });
    return loop.getResult(2);
  }

  /// The next number, run and count.
  SmallVector<Value> buildStep(Value number, Value run, Value count) {
    SmallVector<Value> origin = boxes.origin(b, number);
    Value length = arith::MinSIOp::create(b, run, boxes.restOfRow(b, number));
    Value empty = boxes.isEmpty(b, origin, length);
    Type i32 = b.getI32Type();
    auto choice = scf::IfOp::create(b, TypeRange{i32, i32, i32}, empty,
                                    /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(choice.thenBlock());
    Value doubled = arith::MinSIOp::create(
        b, arith::AddIOp::create(b, run, run), constant(b, kLongestRun));
    scf::YieldOp::create(b, ValueRange{add(number, length), doubled, count});
    b.setInsertionPointToStart(choice.elseBlock());
    scf::YieldOp::create(b, buildLive(number, length, count, origin));
    return SmallVector<Value>(choice.getResults());
  }

  /// A run that may hold live boxes: halved, or settled if it is one box.
  SmallVector<Value> buildLive(Value number, Value length, Value count,
                               ValueRange origin) {
    Value single = arith::CmpIOp::create(b, arith::CmpIPredicate::sle, length,
                                         constant(b, 1));
    Type i32 = b.getI32Type();
    auto choice = scf::IfOp::create(b, TypeRange{i32, i32, i32}, single,
                                    /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(choice.thenBlock());
    Value next = add(number, constant(b, 1));
    Value counted = settle(number, count, origin);
    scf::YieldOp::create(b, ValueRange{next, constant(b, 1), counted});
    b.setInsertionPointToStart(choice.elseBlock());
    Value half = arith::ShRUIOp::create(b, length, constant(b, 1));
    scf::YieldOp::create(b, ValueRange{number, half, count});
    return SmallVector<Value>(choice.getResults());
  }

  /// Appends the box if it is live; the new count.
  Value settle(Value number, Value count, ValueRange origin) {
    Type i1 = b.getI1Type();
    Value full = boxes.isFull(b, origin);
    auto test = scf::IfOp::create(b, TypeRange{i1, i1}, full,
                                  /*withElseRegion=*/true);
    {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(test.thenBlock());
      Value yes = arith::ConstantIntOp::create(b, 1, 1);
      scf::YieldOp::create(b, ValueRange{yes, yes});
      b.setInsertionPointToStart(test.elseBlock());
      Value box = BoxOp::create(
          b, KeyBoxType::get(b.getContext(), origin.size()), origin);
      auto tested =
          TestBoxOp::create(b, i1, i1, op.getTile(), box, op.getTables());
      scf::YieldOp::create(b, tested.getResults());
    }
    Value any = test.getResult(0), all = test.getResult(1);
    Value partial =
        arith::XOrIOp::create(b, all, arith::ConstantIntOp::create(b, 1, 1));
    Value entry = add(add(number, number),
                      arith::ExtUIOp::create(b, b.getI32Type(), partial));
    auto append = scf::IfOp::create(b, arith::AndIOp::create(b, any, writes),
                                    /*withElseRegion=*/false);
    {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(append.thenBlock());
      WriteWordOp::create(b, entry, op.getList(), add(position, count));
    }
    return add(count, arith::ExtUIOp::create(b, b.getI32Type(), any));
  }

  ImplicitLocOpBuilder &b;
  ClassifyOp op;
  BoxWalk boxes;
  Value position, writes;
};

struct LowerClassify : fmha::impl::LowerClassifyBase<LowerClassify> {
  void runOnOperation() override {
    SmallVector<ClassifyOp> ops;
    getOperation().walk([&](ClassifyOp op) { ops.push_back(op); });
    for (ClassifyOp op : ops) {
      ImplicitLocOpBuilder b(op.getLoc(), op);
      Classifier(b, getOperation(), op).build();
      op.erase();
    }
  }
};
} // namespace
