//===- WarpGroups.cpp - Matrix products in flight -------------------------===//
//
// See WarpGroups.h. A record holds a call's operands one after the other, 4
// bytes each and 8 for a descriptor.
//
//===----------------------------------------------------------------------===//
#include "WarpGroups.h"
#include "Machine.h"
#include "WarpGroupMath.h"
#include <bit>
#include <cstring>

namespace attn::emulate {

/// One product of one warp: 16 rows of the warpgroup's 64.
struct WarpGroups::Product {
  WgmmaCall call;
  uint32_t number = 0;
  unsigned firstRow = 0;
  std::vector<uint64_t> a, b;      ///< descriptors, one a step
  std::vector<uint32_t> registers; ///< of A: [step][lane][4]
  std::vector<float> sums;         ///< [16][columns]
  ProductPtr before;               ///< whose results are the accumulators
  std::shared_ptr<Job> job;        ///< computes this
};

//===----------------------------------------------------------------------===//
// Marks
//===----------------------------------------------------------------------===//

// Sign, exponent of all ones, quiet bit 0, then 15 bits of the product's
// number, which is not 0, and 7 of the register.
static constexpr uint32_t kMarkBits = 0xff800000;
static constexpr uint32_t kMarkMask = 0xffc00000;
static constexpr uint32_t kNumbers = 1 << 15;

static uint32_t markOf(uint32_t number, unsigned index) {
  return kMarkBits | number << 7 | index;
}

//===----------------------------------------------------------------------===//
// Computation
//===----------------------------------------------------------------------===//

namespace {
/// Reads the parts of a record.
class RecordReader {
public:
  explicit RecordReader(const void *record)
      : at(static_cast<const char *>(record)) {}
  template <typename T> T read() {
    T value;
    std::memcpy(&value, at, sizeof(T));
    at += sizeof(T);
    return value;
  }
  void skip(size_t bytes) { at += bytes; }

private:
  const char *at;
};
} // namespace

/// Reads what follows the accumulators: the scale, then A and B of each step.
static RecordReader operandsOf(const WgmmaCall &call, const void *record) {
  RecordReader reader(record);
  reader.skip(4 * call.accumulators());
  return reader;
}

static void compute(const WgmmaCall &call, unsigned firstRow,
                    const std::vector<uint64_t> &a,
                    const std::vector<uint64_t> &b, const uint32_t *registers,
                    char *shared, float *sums) {
  StepOperands operands;
  for (unsigned step = 0; step < call.steps; ++step) {
    if (call.aInRegisters)
      gatherA(registers + 4 * kWarpLanes * step, operands);
    else
      gatherA(OperandView(a[step], shared, false), firstRow, operands);
    gatherB(OperandView(b[step], shared, call.bAlongColumns),
            call.bAlongColumns, call.columns, operands);
    if (call.bf16)
      multiplyBf16(operands, call.columns, sums);
    else
      multiplyF16(operands, call.columns, sums);
  }
}

//===----------------------------------------------------------------------===//
// Issue
//===----------------------------------------------------------------------===//

/// What the instruction takes from one of the threads must be the same in all.
void WarpGroups::checkUniform(const WgmmaCall &call, unsigned firstWarp) {
  auto uniform = [&](const void *record) {
    RecordReader reader = operandsOf(call, record);
    std::vector<uint64_t> values{reader.read<uint32_t>()};
    for (unsigned step = 0; step < call.steps; ++step) {
      if (call.aInRegisters)
        reader.skip(16);
      else
        values.push_back(reader.read<uint64_t>());
      values.push_back(reader.read<uint64_t>());
    }
    return values;
  };
  std::vector<uint64_t> first = uniform(machine.warpAt(firstWarp).records[0]);
  for (unsigned thread = 1; thread < kGroupWarps * kWarpLanes; ++thread) {
    const Warp &warp = machine.warpAt(firstWarp + thread / kWarpLanes);
    std::vector<uint64_t> other = uniform(warp.records[thread % kWarpLanes]);
    for (size_t i = 0; i < first.size(); ++i)
      if (other[i] != first[i])
        machine.fail("expected the descriptors and the scale of a wgmma to be "
                     "the same in all threads of the warpgroup, but got " +
                     std::to_string(first[i]) + " in its thread 0 and " +
                     std::to_string(other[i]) + " in its thread " +
                     std::to_string(thread));
  }
}

void WarpGroups::checkOperand(uint64_t descriptor, bool mnMajor, unsigned lines,
                              unsigned chunks) {
  if (!OperandView::isValid(descriptor))
    machine.fail("expected a wgmma descriptor of addresses, strides and a "
                 "swizzle, but got " +
                 std::to_string(descriptor) + ", which has other bits set");
  OperandView view(descriptor, machine.memory.sharedBase(), mnMajor);
  for (unsigned line = 0; line < lines; ++line)
    for (unsigned index = 0; index < chunks; ++index) {
      const char *chunk = view.chunk(line, index);
      machine.check(Space::Shared, Access::WgmmaOperand, chunk, 16, 16);
      machine.checkFenced(chunk, 16, "wgmma");
    }
}

void WarpGroups::checkOperands(const WgmmaCall &call, const char *record) {
  RecordReader reader = operandsOf(call, record);
  reader.skip(4); // the scale
  for (unsigned step = 0; step < call.steps; ++step) {
    if (call.aInRegisters)
      reader.skip(16);
    else
      checkOperand(reader.read<uint64_t>(), false, 64, 2);
    if (call.bAlongColumns)
      checkOperand(reader.read<uint64_t>(), true, kStepDepth, call.columns / 8);
    else
      checkOperand(reader.read<uint64_t>(), false, call.columns, 2);
  }
}

/// The accumulators: numbers, or those of the product just before, still in
/// flight, if all of them are its marks: the matrix units chain these.
void WarpGroups::takeSums(Product &product, const InFlight &state,
                          unsigned warp) {
  unsigned columns = product.call.columns, count = product.call.accumulators();
  product.sums.assign(16 * columns, 0.0f);
  const void *const *records = machine.warpAt(warp).records;
  RecordReader reader = operandsOf(product.call, records[0]);
  if (!reader.read<uint32_t>())
    return;
  ProductPtr before =
      state.products.size() > state.retired ? state.products.back() : nullptr;
  bool chained = before && before->call.columns == columns;
  for (unsigned lane = 0; lane < kWarpLanes; ++lane) {
    RecordReader values(records[lane]);
    for (unsigned i = 0; i < count; ++i) {
      auto value = values.read<uint32_t>();
      chained = chained && value == markOf(before->number, i);
      product.sums[placeOf(lane, i, columns)] = std::bit_cast<float>(value);
    }
  }
  if (chained)
    product.before = before;
}

void WarpGroups::issueForWarp(const WgmmaCall &call, unsigned warp) {
  InFlight &state = inFlight[warp];
  void *const *records = machine.warpAt(warp).records;
  auto product = std::make_shared<Product>();
  product->call = call;
  product->firstRow = 16 * (warp % kGroupWarps);
  product->number = state.next;
  state.next = state.next + 1 == kNumbers ? 1 : state.next + 1;
  takeSums(*product, state, warp);
  product->registers.resize(call.aInRegisters ? 4 * kWarpLanes * call.steps
                                              : 0);
  for (unsigned lane = 0; lane < kWarpLanes; ++lane) {
    RecordReader reader = operandsOf(call, records[lane]);
    reader.skip(4); // the scale
    for (unsigned step = 0; step < call.steps; ++step) {
      for (unsigned i = 0; call.aInRegisters && i < 4; ++i)
        product->registers[4 * (kWarpLanes * step + lane) + i] =
            reader.read<uint32_t>();
      uint64_t a = call.aInRegisters ? 0 : reader.read<uint64_t>();
      uint64_t b = reader.read<uint64_t>();
      if (lane == 0) {
        product->a.push_back(a);
        product->b.push_back(b);
      }
    }
    for (unsigned i = 0; i < call.accumulators(); ++i) {
      uint32_t mark = markOf(product->number, i);
      std::memcpy(static_cast<char *>(records[lane]) + 4 * i, &mark, 4);
    }
  }
  product->job = std::make_shared<Job>();
  product->job->work = [product = product.get(),
                        shared = machine.memory.sharedBase()] {
    if (product->before) {
      product->before->job->run();
      product->sums = product->before->sums;
    }
    product->before = nullptr;
    compute(product->call, product->firstRow, product->a, product->b,
            product->registers.data(), shared, product->sums.data());
  };
  machine.jobs.add(product->job);
  state.products.push_back(std::move(product));
}

void WarpGroups::issue(const WgmmaCall &call) {
  unsigned first = machine.threadId() / kWarpLanes / kGroupWarps * kGroupWarps;
  checkUniform(call, first);
  checkOperands(call, static_cast<char *>(machine.warpAt(first).records[0]));
  for (unsigned i = 0; i < kGroupWarps; ++i)
    issueForWarp(call, first + i);
}

//===----------------------------------------------------------------------===//
// Wait
//===----------------------------------------------------------------------===//

/// The number behind a mark of a retired product; other values as they are.
uint32_t WarpGroups::resolve(const InFlight &state, uint32_t value,
                             unsigned lane) const {
  uint32_t number = value >> 7 & (kNumbers - 1), index = value & 127;
  if ((value & kMarkMask) != kMarkBits || !number)
    return value;
  for (size_t i = 0; i < state.retired; ++i) {
    const Product &product = *state.products[i];
    if (product.number == number && index < product.call.accumulators())
      return std::bit_cast<uint32_t>(
          product.sums[placeOf(lane, index, product.call.columns)]);
  }
  return value;
}

void WarpGroups::wait(const WgmmaWaitCall &call) {
  // Values of a retired product may come through a later wait; so many later
  // products they have time.
  constexpr size_t kRemembered = 8;
  InFlight &state = inFlight[machine.threadId() / kWarpLanes];
  int32_t pending = 0;
  std::memcpy(&pending, machine.warp().records[0], 4);
  // Products take long: what others do meanwhile may spoil their operands.
  machine.giveWay();
  while (state.products.size() - state.retired > static_cast<size_t>(pending))
    state.products[state.retired++]->job->run();
  for (unsigned lane = 0; lane < kWarpLanes; ++lane) {
    char *record = static_cast<char *>(machine.warp().records[lane]);
    std::memmove(record, record + 4, 4 * (call.floats + call.words));
    for (unsigned i = 0; i < call.floats; ++i) {
      uint32_t value = 0;
      std::memcpy(&value, record + 4 * i, 4);
      value = resolve(state, value, lane);
      std::memcpy(record + 4 * i, &value, 4);
    }
  }
  for (; state.retired > kRemembered; --state.retired)
    state.products.pop_front();
}

size_t WarpGroups::pending() const {
  const InFlight &state = inFlight[machine.threadId() / kWarpLanes];
  return state.products.size() - state.retired;
}

} // namespace attn::emulate
