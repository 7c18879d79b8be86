//===- Binding.cpp - The functions that the Python package calls ----------===//
//
// Converts tensors and texts between apache-tvm-ffi and the facade, and every
// error text into the Python exception attn.AttnError. What a call may ask for
// is decided by the compiler and by runtime::checkLaunch; checked here is only
// what those cannot see: dtypes, number of dimensions, device, last stride.
//
// Built with exceptions, unlike the rest: tvm-ffi reports errors by throwing.
// A throw inside its stream builder would terminate, so texts are complete
// before `fail` is called.
//
//===----------------------------------------------------------------------===//
#include "KernelCache.h"
#include "attn/Runtime/Cuda.h"
#include "attn/Runtime/Split.h"
#include "attn/Simulate/Simulate.h"

#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/tensor.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/extra/c_env_api.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/optional.h>
#include <tvm/ffi/string.h>

#include <cmath>
#include <limits>

namespace ffi = tvm::ffi;
using namespace attn;
using namespace attn::python;

[[noreturn]] static void fail(const std::string &message) {
  throw ffi::Error("attn.AttnError", message, "");
}

static std::string_view view(const ffi::String &text) {
  return {text.data(), text.size()};
}

//===----------------------------------------------------------------------===//
// Names and types
//===----------------------------------------------------------------------===//

static std::string dtypeText(DLDataType type) {
  const char *kinds[] = {"i", "u", "f", "handle", "bf", "complex", "bool"};
  std::string kind =
      type.code < 7 ? kinds[type.code]
                    : "dtype code " + std::to_string(type.code) + " with bits ";
  std::string text = kind + std::to_string(type.bits);
  return type.lanes == 1 ? text : text + "x" + std::to_string(type.lanes);
}

/// NumPy exports no bf16: the front passes its 16-bit words as u16 and
/// says so in `words`.
static runtime::ElementType elementOf(DLDataType type, bool words,
                                      const char *name) {
  if (type.lanes == 1) {
    if (type.code == kDLFloat && type.bits == 32)
      return runtime::ElementType::F32;
    if (type.code == kDLFloat && type.bits == 16)
      return runtime::ElementType::F16;
    if ((type.code == kDLBfloat || (words && type.code == kDLUInt)) &&
        type.bits == 16)
      return runtime::ElementType::BF16;
  }
  fail(std::string("expected '") + name +
       "' to be of f32, f16 or bf16, but got " + dtypeText(type));
}

static runtime::ElementType elementNamed(std::string_view name) {
  for (auto element : {runtime::ElementType::F32, runtime::ElementType::F16,
                       runtime::ElementType::BF16})
    if (name == elementName(element))
      return element;
  fail("expected 'dtype' to be f32, f16 or bf16, but got '" +
       std::string(name) + "'");
}

static bool isTf32(std::string_view precision) {
  if (precision != "high" && precision != "tf32")
    fail("expected 'precision' to be high or tf32, but got '" +
         std::string(precision) + "'");
  return precision == "tf32";
}

static runtime::Layout layoutNamed(std::string_view name) {
  if (name == "heads_last")
    return runtime::Layout::HeadsLast;
  if (name == "heads_first")
    return runtime::Layout::HeadsFirst;
  fail("expected 'layout' to be heads_last or heads_first, but got '" +
       std::string(name) + "'");
}

static Emit emitNamed(std::string_view name) {
  static constexpr std::pair<std::string_view, Emit> kNames[] = {
      {"fmha", Emit::Fmha},   {"scheduled", Emit::Scheduled},
      {"llvm", Emit::Llvm},   {"ptx", Emit::Ptx},
      {"cubin", Emit::Cubin}, {"object", Emit::Object},
      {"run", Emit::Run}};
  for (const auto &[known, emit] : kNames)
    if (known == name)
      return emit;
  fail("expected 'emit' to be fmha, scheduled, llvm, ptx, cubin, object or "
       "run, but got '" +
       std::string(name) + "'");
}

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

static bool isHost(DLDevice device) {
  return device.device_type == kDLCPU || device.device_type == kDLCUDAHost;
}

static std::string deviceText(DLDevice device) {
  if (device.device_type == kDLCPU || device.device_type == kDLCUDAHost)
    return "the CPU";
  if (device.device_type == kDLCUDA || device.device_type == kDLCUDAManaged)
    return "CUDA device " + std::to_string(device.device_id);
  return "device type " + std::to_string(device.device_type);
}

namespace {
using Tables = ffi::Optional<ffi::Array<ffi::Tensor>>;

/// The tensors of a call, as they came.
struct Call {
  ffi::TensorView query, key, value, out;
  ffi::Optional<ffi::TensorView> lse;
  const Tables &tables;
  bool words; ///< bf16 comes as u16
};
} // namespace

static bool isEmpty(const ffi::TensorView &tensor) {
  for (int i = 0; i < tensor.ndim(); ++i)
    if (tensor.size(i) == 0)
      return true;
  return false;
}

static void checkDims(const ffi::TensorView &tensor, const char *name, int dims,
                      const DLDevice &device) {
  if (tensor.ndim() != dims)
    fail(std::string("expected '") + name + "' to be of " +
         std::to_string(dims) + " dimensions, but got " +
         std::to_string(tensor.ndim()));
  if (tensor.device().device_type != device.device_type ||
      tensor.device().device_id != device.device_id)
    fail(std::string("expected '") + name + "' to be on " + deviceText(device) +
         " like 'query', but got " + deviceText(tensor.device()));
  // A tensor without storage (torch's FakeTensor) has shape and no data.
  if (!tensor.data_ptr() && !isEmpty(tensor))
    fail(std::string("expected '") + name +
         "' to be a tensor with data, but got one without storage");
}

/// The head (or value) dimension must be dense: kernels read it in vectors.
static void checkRow(const ffi::TensorView &tensor, const char *name) {
  const int last = tensor.ndim() - 1;
  // NumPy gives an array without elements strides of zero.
  if (tensor.size(last) > 1 && tensor.stride(last) != 1 && !isEmpty(tensor))
    fail(std::string("expected the last dimension of '") + name +
         "' to be of stride 1, but got " + std::to_string(tensor.stride(last)));
}

static void checkElement(const ffi::TensorView &tensor, const char *name,
                         bool words, runtime::ElementType element) {
  runtime::ElementType got = elementOf(tensor.dtype(), words, name);
  if (got != element)
    fail(std::string("expected '") + name + "' to be of " +
         elementName(element) + " like 'query', but got " + elementName(got));
}

/// Everything that the facade cannot see about a call; returns the rank.
static int checkCall(const Call &call) {
  const int dims = call.query.ndim();
  if (dims < 4 || dims > runtime::kMaxRank + 3)
    fail(
        "expected 'query' to be of 4 to 6 dimensions (batch, 1 to 3 grid axes, "
        "heads, head dimension), but got " +
        std::to_string(dims));
  const DLDevice device = call.query.device();
  const auto element = elementOf(call.query.dtype(), call.words, "query");
  const std::pair<const char *, const ffi::TensorView *> rows[] = {
      {"query", &call.query},
      {"key", &call.key},
      {"value", &call.value},
      {"out", &call.out}};
  for (const auto &[name, tensor] : rows) {
    checkDims(*tensor, name, dims, device);
    checkElement(*tensor, name, call.words, element);
    checkRow(*tensor, name);
  }
  if (call.key.size(dims - 1) != call.query.size(dims - 1))
    fail("expected the head dimension of 'key' to be " +
         std::to_string(call.query.size(dims - 1)) + " like 'query', but got " +
         std::to_string(call.key.size(dims - 1)));
  if (call.out.size(dims - 1) != call.value.size(dims - 1))
    fail("expected the last dimension of 'out' to be " +
         std::to_string(call.value.size(dims - 1)) + " like 'value', but got " +
         std::to_string(call.out.size(dims - 1)));
  if (call.lse.has_value()) {
    checkDims(call.lse.value(), "lse", dims - 1, device);
    const DLDataType type = call.lse.value().dtype();
    if (type.code != kDLFloat || type.bits != 32 || type.lanes != 1)
      fail("expected 'lse' to be of f32, but got " + dtypeText(type));
  }
  return dims - 3;
}

static bool isWord(DLDataType type, uint8_t code) {
  return type.code == code && type.bits == 32 && type.lanes == 1;
}

/// Rows of i32 or f32 without gaps. How many rows and columns, checkLaunch knows.
static runtime::TableArg toTable(const ffi::TensorView &tensor, size_t number,
                                 const DLDevice &device) {
  const std::string name = "table " + std::to_string(number);
  const int dims = tensor.ndim();
  if (dims != 1 && dims != 2)
    fail("expected " + name + " to be of 1 or 2 dimensions, but got " +
         std::to_string(dims));
  checkDims(tensor, name.c_str(), dims, device);
  int64_t dense = 1;
  for (int i = dims - 1; i >= 0; dense *= tensor.size(i), --i) {
    if (tensor.size(i) > std::numeric_limits<int32_t>::max())
      fail("expected the extents of " + name + " to be below 2^31, but got " +
           std::to_string(tensor.size(i)));
    if (tensor.size(i) > 1 && tensor.stride(i) != dense && !isEmpty(tensor))
      fail("expected the strides of " + name + " to be those of rows without " +
           "gaps, but got stride " + std::to_string(tensor.stride(i)) +
           " in dimension " + std::to_string(i));
  }
  runtime::TableArg arg;
  arg.data = static_cast<char *>(tensor.data_ptr()) + tensor.byte_offset();
  arg.rows = dims == 2 ? static_cast<int32_t>(tensor.size(0)) : 1;
  arg.columns = static_cast<int32_t>(tensor.size(dims - 1));
  return arg;
}

/// Memory order [B, *grid, H] or [B, H, *grid] to launch order B, grid, H.
static runtime::TensorArg toArg(const ffi::TensorView &tensor, const char *name,
                                int rank, runtime::Layout layout) {
  runtime::TensorArg arg;
  arg.data = static_cast<char *>(tensor.data_ptr()) + tensor.byte_offset();
  for (int i = 0; i < rank + 2; ++i) {
    int from = i;
    if (layout == runtime::Layout::HeadsFirst && i > 0)
      from = i == rank + 1 ? 1 : i + 1;
    if (tensor.size(from) > std::numeric_limits<int32_t>::max())
      fail(std::string("expected the extents of '") + name +
           "' to be below 2^31, but got " + std::to_string(tensor.size(from)));
    arg.extent[i] = static_cast<int32_t>(tensor.size(from));
    arg.stride[i] = tensor.stride(from);
  }
  return arg;
}

namespace {
enum class Mode { Direct, Emulate };
} // namespace

/// On the current stream of the device of the tensors, whichever is current.
static std::string launchOn(DLDevice device, Kernel &kernel,
                            const runtime::LaunchArgs &args) {
  runtime::OnDevice here(device.device_id);
  if (!here.error().empty())
    return here.error();
  return kernel.runCuda(
      args, TVMFFIEnvGetStream(device.device_type, device.device_id));
}

static void launch(Kernel &kernel, const Call &call, int rank, double scale,
                   Mode mode, int64_t number, int32_t shares) {
  const runtime::KernelInfo &info = kernel.info();
  runtime::LaunchArgs args;
  args.query = toArg(call.query, "query", rank, info.layout);
  args.key = toArg(call.key, "key", rank, info.layout);
  args.value = toArg(call.value, "value", rank, info.layout);
  args.out = toArg(call.out, "out", rank, info.layout);
  if (call.lse.has_value())
    args.lse = toArg(call.lse.value(), "lse", rank, info.layout);
  args.scale = static_cast<float>(scale);
  args.shares = shares;
  const DLDevice device = call.query.device();
  if (call.tables.has_value())
    for (const ffi::Tensor &table : call.tables.value()) {
      const size_t number = args.tables.size();
      const bool isFloat =
          number < info.tables.size() && info.tables[number].isFloat;
      if (!isWord(table.dtype(), isFloat ? kDLFloat : kDLInt))
        fail("expected table " + std::to_string(number) + " to be of " +
             (isFloat ? "f32" : "i32") + ", but got " +
             dtypeText(table.dtype()));
      args.tables.push_back(toTable(table, number, device));
    }

  const bool host = isHost(device);
  const bool cpuKernel = info.target == "cpu";
  std::string error;
  if (cpuKernel && !host)
    error = "expected the tensors to be on the CPU for a kernel of target cpu, "
            "but got " +
            deviceText(device);
  else if (cpuKernel && mode == Mode::Emulate)
    error =
        "expected the target of an emulated kernel to be a GPU, but got cpu";
  else if (cpuKernel)
    error = kernel.runCpu(args, static_cast<int>(number));
  else if (host)
    error = kernel.runEmulated(args, static_cast<uint32_t>(number));
  else if (mode == Mode::Emulate)
    error = "expected the tensors to be on the CPU for emulation, but got " +
            deviceText(device);
  else
    error = launchOn(device, kernel, args);
  if (!error.empty())
    fail(error);
}

/// A kernel compiled for given types; the tensors must have them.
static void checkAgainst(const runtime::KernelInfo &info, const Call &call,
                         int rank) {
  auto expectInt = [](const char *what, int64_t expected, int64_t got) {
    if (expected != got)
      fail(std::string("expected ") + what + " to be " +
           std::to_string(expected) + " as the kernel was compiled, but got " +
           std::to_string(got));
  };
  expectInt("the number of grid axes", info.rank, rank);
  expectInt("the head dimension", info.headDim, call.query.size(rank + 2));
  expectInt("the value dimension", info.valueDim, call.value.size(rank + 2));
  const auto element = elementOf(call.query.dtype(), call.words, "query");
  if (element != info.element)
    fail(std::string("expected 'query' to be of ") + elementName(info.element) +
         " as the kernel was compiled, but got " + elementName(element));
}

static Kernel &kernelOf(int64_t id) {
  if (Kernel *kernel = KernelCache::instance().get(id))
    return *kernel;
  fail("expected a kernel's number, but got " + std::to_string(id));
}

//===----------------------------------------------------------------------===//
// Exported functions
//===----------------------------------------------------------------------===//

static ffi::Array<ffi::String> targets() {
  ffi::Array<ffi::String> names;
  for (const std::string &name : targetNames())
    names.push_back(name);
  return names;
}

/// Element and number of dimensions of each table.
static std::string typesOf(const Tables &tables) {
  std::string types;
  if (tables.has_value())
    for (const ffi::Tensor &table : tables.value()) {
      types += isWord(table.dtype(), kDLFloat) ? 'f' : 'i';
      types += table.ndim() == 2 ? '2' : '1';
    }
  return types;
}

static Request requestOf(const ffi::String &pattern, const ffi::String &layout,
                         const ffi::String &target, const ffi::String &symbols,
                         const ffi::String &score, int64_t sink,
                         const ffi::String &precision) {
  Request request;
  request.pattern = view(pattern);
  request.symbols = view(symbols);
  request.score = view(score);
  request.target = view(target);
  request.layout = layoutNamed(view(layout));
  request.sink = static_cast<int>(sink);
  request.tf32 = isTf32(view(precision));
  return request;
}

/// A number for what calls of `attention` have in common besides their tensors.
static int64_t declare(const ffi::String &pattern, const ffi::String &layout,
                       const ffi::String &target, const ffi::String &symbols,
                       const ffi::String &score, int64_t sink,
                       const ffi::String &precision) {
  return KernelCache::instance().addRequest(
      requestOf(pattern, layout, target, symbols, score, sink, precision));
}

/// The hot path: finds or compiles the kernel for these tensors and runs it.
static void attention(int64_t request, ffi::TensorView query,
                      ffi::TensorView key, ffi::TensorView value,
                      ffi::TensorView out, ffi::Optional<ffi::TensorView> lse,
                      const Tables &tables, const ffi::Optional<double> &scale,
                      bool words) {
  const Call call{query, key, value, out, lse, tables, words};
  const int rank = checkCall(call);
  Signature signature;
  const std::string types = typesOf(tables);
  signature.tables = types;
  signature.element = elementOf(query.dtype(), words, "query");
  signature.rank = rank;
  signature.headDim = query.size(rank + 2);
  signature.valueDim = value.size(rank + 2);
  signature.hasLse = lse.has_value();
  Result<Kernel *> kernel = KernelCache::instance().find(request, signature);
  if (!kernel)
    fail(kernel.error);
  launch(*kernel.value, call, rank,
         scale.has_value() ? scale.value() : kernel.value->info().defaultScale,
         Mode::Direct, /*number=*/0, /*shares=*/0);
}

static int64_t compileModule(const ffi::String &text, const ffi::String &target,
                             const ffi::String &emit, const ffi::String &cpu,
                             bool elementAligned) {
  CompileOptions options;
  options.target = view(target);
  options.cpu = view(cpu);
  options.emit = emitNamed(view(emit));
  options.elementAligned = elementAligned;
  Result<int64_t> id =
      KernelCache::instance().compileText(std::string(view(text)), options);
  if (!id)
    fail(id.error);
  return id.value;
}

static ffi::String
makeModule(const ffi::String &pattern, const ffi::String &dtype, int64_t rank,
           int64_t headDim, int64_t valueDim, const ffi::String &layout,
           bool hasLse, const ffi::String &scale, const ffi::String &symbols,
           const ffi::String &score, const ffi::String &tables, int64_t sink,
           const ffi::String &precision) {
  Signature signature;
  signature.tables = view(tables);
  signature.element = elementNamed(view(dtype));
  signature.rank = static_cast<int>(rank);
  signature.headDim = headDim;
  signature.valueDim = valueDim;
  signature.hasLse = hasLse;
  return python::moduleText(
      requestOf(pattern, layout, "", symbols, score, sink, precision),
      signature, view(scale));
}

static ffi::String canonicalModule(const ffi::String &text) {
  Result<std::string> printed = parseAndPrint(std::string(view(text)));
  if (!printed)
    fail(printed.error);
  return printed.value;
}

static ffi::String kernelInfo(int64_t id) { return kernelJson(kernelOf(id)); }

static ffi::String kernelVariants(int64_t id) {
  return variantsJson(kernelOf(id));
}

static ffi::Bytes kernelCode(int64_t id) { return kernelOf(id).code(); }

/// Runs kernel `id`. `number` is the number of threads on the CPU and the seed
/// of the emulator's order of warps; `shares` is that of LaunchArgs.
static void runKernel(int64_t id, ffi::TensorView query, ffi::TensorView key,
                      ffi::TensorView value, ffi::TensorView out,
                      ffi::Optional<ffi::TensorView> lse, const Tables &tables,
                      const ffi::Optional<double> &scale, bool words,
                      bool emulate, int64_t number, int64_t shares) {
  const Call call{query, key, value, out, lse, tables, words};
  const int rank = checkCall(call);
  Kernel &kernel = kernelOf(id);
  checkAgainst(kernel.info(), call, rank);
  if (shares < 0 || shares > runtime::kMostShares)
    fail("expected 'shares' to be from 0 to " +
         std::to_string(runtime::kMostShares) + ", but got " +
         std::to_string(shares));
  launch(kernel, call, rank,
         scale.has_value() ? scale.value() : kernel.info().defaultScale,
         emulate ? Mode::Emulate : Mode::Direct, number,
         static_cast<int32_t>(shares));
}

/// JSON of attn::simulateText, or of attn::sweepText.
static ffi::String simulate(const ffi::String &module,
                            const ffi::String &queryTile,
                            const ffi::String &keyTile,
                            const ffi::String &target, bool sweep) {
  std::string json;
  auto run = sweep ? sweepText : simulateText;
  std::string error =
      run(std::string(view(module)), std::string(view(queryTile)),
          std::string(view(keyTile)), std::string(view(target)), json);
  if (!error.empty())
    fail(error);
  return json;
}

static void visualize(const ffi::String &module, const ffi::String &path,
                      const ffi::String &query) {
  std::string error =
      visualizeText(std::string(view(module)), std::string(view(path)),
                    std::string(view(query)));
  if (!error.empty())
    fail(error);
}

TVM_FFI_DLL_EXPORT_TYPED_FUNC(simulate, simulate);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(visualize, visualize);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(targets, targets);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(declare, declare);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(attention, attention);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(compile_module, compileModule);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(make_module, makeModule);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(canonical_module, canonicalModule);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(kernel_info, kernelInfo);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(kernel_variants, kernelVariants);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(kernel_code, kernelCode);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(run_kernel, runKernel);
