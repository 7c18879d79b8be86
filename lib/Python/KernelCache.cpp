//===- KernelCache.cpp - Compiled kernels of this process -----------------===//
//
// Two maps: `ready_` answers the hot path (one lookup under the lock); `slots_`, by
// text, makes two threads that want the same new kernel wait for one compilation. A
// failed compilation is not remembered: its error must appear again.
//
//===----------------------------------------------------------------------===//
#include "KernelCache.h"

#include <cmath>
#include <cstdio>

using namespace attn;
using namespace attn::python;

const char *python::elementName(runtime::ElementType element) {
  switch (element) {
  case runtime::ElementType::F32:
    return "f32";
  case runtime::ElementType::F16:
    return "f16";
  case runtime::ElementType::BF16:
    return "bf16";
  }
  return "?";
}

static const char *layoutName(runtime::Layout layout) {
  return layout == runtime::Layout::HeadsLast ? "heads_last" : "heads_first";
}

std::string python::moduleText(const Request &request,
                               const Signature &signature,
                               std::string_view scale) {
  std::string dynamic; // batch, grid axes, head
  for (int i = 0; i < signature.rank + 2; ++i)
    dynamic += "?x";
  const std::string element = elementName(signature.element);
  auto tensor = [&](int64_t last) {
    return "tensor<" + dynamic + std::to_string(last) + "x" + element + ">";
  };
  const std::string keyType = tensor(signature.headDim);
  const std::string valueType = tensor(signature.valueDim);
  std::string inputs = keyType + ", " + keyType + ", " + valueType;
  std::string parameters, tables;
  for (size_t i = 0; i < signature.tables.size() / 2; ++i) {
    std::string type =
        signature.tables[2 * i + 1] == '2' ? "tensor<?x?x" : "tensor<?x";
    type.append(1, signature.tables[2 * i]).append("32>");
    const std::string name = "%t" + std::to_string(i);
    inputs.append(", ").append(type);
    parameters.append(", ").append(name).append(": ").append(type);
    tables.append(i ? ", " : "").append(name);
  }
  std::string results = valueType;
  if (signature.hasLse)
    results += ", tensor<" + dynamic + "f32>";
  const std::string names = signature.hasLse ? "%o, %lse" : "%o";
  const std::string function = signature.hasLse ? "(" + results + ")" : results;

  std::string text(request.symbols);
  text += "func.func @attention(%q: " + keyType + ", %k: " + keyType +
          ", %v: " + valueType + parameters + ") -> " + function + " {\n  " +
          names + " = attn.attention query(%q) key(%k) value(%v) pattern(";
  text += request.pattern;
  text += ")";
  if (!scale.empty())
    text.append(" scale(").append(scale).append(")");
  if (!request.score.empty())
    text.append(" score(").append(request.score).append(")");
  if (request.sink >= 0)
    text.append(" sink(").append(std::to_string(request.sink)).append(")");
  if (!tables.empty())
    text.append(" tables(").append(tables).append(")");
  if (request.tf32)
    text.append(" precision(tf32)");
  text += std::string(" layout(") + layoutName(request.layout) + ") : (" +
          inputs + ") -> " + function + "\n";
  return text + "  return " + names + " : " + results + "\n}\n";
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

static std::string quoted(const std::string &text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof(escape), "\\u%04x", c);
      out += escape;
    } else {
      out += c;
    }
  }
  return out + '"';
}

static std::string number(double value) {
  // JSON has no infinities; neither has any field, unless a kernel is broken.
  if (!std::isfinite(value))
    return "null";
  char text[32];
  std::snprintf(text, sizeof(text), "%.17g", value);
  return text;
}

static std::string axisJson(const runtime::AxisInfo &axis) {
  return "{\"query_tile\": " + std::to_string(axis.queryTile) +
         ", \"key_tile\": " + std::to_string(axis.keyTile) +
         ", \"dilation\": " + std::to_string(axis.dilation) +
         ", \"min_extent\": " + std::to_string(axis.minExtent) +
         ", \"equal_extents\": " + (axis.equalExtents ? "true" : "false") + "}";
}

static std::string tableJson(const runtime::TableInfo &table) {
  return std::string("{\"dtype\": \"") + (table.isFloat ? "f32" : "i32") +
         "\", \"axis\": " +
         (table.axis < 0 ? "null" : std::to_string(table.axis)) + "}";
}

static std::string splitJson(const runtime::SplitInfo &split) {
  if (split.merge.empty())
    return "null";
  return "{\"merge\": " + quoted(split.merge) +
         ", \"packs_heads\": " + (split.packsHeads ? "true" : "false") + "}";
}

static std::string listsJson(const runtime::ListInfo &lists) {
  if (lists.classifier.empty())
    return "null";
  auto flag = [](bool value) { return value ? "true" : "false"; };
  return "{\"classifier\": " + quoted(lists.classifier) +
         ", \"per_batch\": " + flag(lists.perBatch) +
         ", \"per_head\": " + flag(lists.perHead) +
         ", \"static\": " + flag(lists.isStatic) + "}";
}

std::string python::kernelJson(const Kernel &kernel) {
  const runtime::KernelInfo &info = kernel.info();
  std::string axes, tables, remarks, timing;
  for (int i = 0; i < info.rank && i < runtime::kMaxRank; ++i)
    axes += (i ? ", " : "") + axisJson(info.axes[i]);
  for (const runtime::TableInfo &table : info.tables)
    tables += (tables.empty() ? "" : ", ") + tableJson(table);
  for (const std::string &remark : kernel.remarks())
    remarks += (remarks.empty() ? "" : ", ") + quoted(remark);
  for (const Timing &stage : kernel.timing())
    timing += (timing.empty() ? "[" : ", [") + quoted(stage.first) + ", " +
              number(stage.second) + "]";
  return "{\"name\": " + quoted(info.name) +
         ", \"target\": " + quoted(info.target) +
         ", \"rank\": " + std::to_string(info.rank) + ", \"dtype\": \"" +
         elementName(info.element) +
         "\", \"head_dim\": " + std::to_string(info.headDim) +
         ", \"value_dim\": " + std::to_string(info.valueDim) +
         ", \"layout\": \"" + layoutName(info.layout) +
         "\", \"has_lse\": " + (info.hasLse ? "true" : "false") +
         ", \"element_aligned\": " + (info.elementAligned ? "true" : "false") +
         ", \"default_scale\": " + number(info.defaultScale) + ", \"axes\": [" +
         axes + "], \"tables\": [" + tables +
         "], \"lists\": " + listsJson(info.lists) +
         ", \"split\": " + splitJson(info.split) + ", \"chunk_bytes\": [" +
         std::to_string(info.chunkBytes[0]) + ", " +
         std::to_string(info.chunkBytes[1]) + ", " +
         std::to_string(info.chunkBytes[2]) +
         "], \"threads\": " + std::to_string(info.threads) +
         ", \"shared_bytes\": " + std::to_string(info.sharedBytes) +
         ", \"scratch_bytes\": " + std::to_string(info.scratchBytes) +
         ", \"remarks\": [" + remarks + "], \"timing_ms\": [" + timing + "]}";
}

std::string python::variantsJson(Kernel &kernel) {
  std::string list;
  for (const auto &[variant, shares] : kernel.variants())
    list += (list.empty() ? "" : ", ") +
            ("{\"shares\": " + std::to_string(shares) + ", \"info\": ") +
            kernelJson(*variant) + "}";
  return "[" + list + "]";
}

//===----------------------------------------------------------------------===//
// The cache
//===----------------------------------------------------------------------===//

KernelCache &KernelCache::instance() {
  // Leaked on purpose: JIT code must outlive Python threads still inside it
  // when the process ends.
  static KernelCache *cache = new KernelCache;
  return *cache;
}

int64_t KernelCache::addRequest(Request request) {
  std::lock_guard<std::mutex> lock(mutex_);
  requests_.push_back(std::move(request));
  return static_cast<int64_t>(requests_.size()) - 1;
}

/// One key, one signature of a request: what is not text in fixed width.
static void makeKey(int64_t number, const Signature &signature,
                    std::string &key) {
  key.assign(signature.tables);
  key += signature.hasLse ? 'l' : '-';
  key += static_cast<char>('0' + static_cast<int>(signature.element));
  key += static_cast<char>('0' + signature.rank);
  for (int64_t field : {number, signature.headDim, signature.valueDim})
    key.append(reinterpret_cast<const char *>(&field), sizeof(field));
}

Result<Kernel *> KernelCache::find(int64_t number, const Signature &signature) {
  thread_local std::string key; // keeps its storage from call to call
  makeKey(number, signature, key);
  const Request *request = nullptr;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    auto it = ready_.find(key);
    if (it != ready_.end())
      return {it->second, {}};
    if (number < 0 || static_cast<size_t>(number) >= requests_.size())
      return {nullptr,
              "expected a request's number, but got " + std::to_string(number)};
    request = &requests_[static_cast<size_t>(number)];
  }
  CompileOptions options;
  options.target = request->target;
  // By the text, so that one kernel serves all requests that say the same.
  Result<int64_t> id =
      compileText(moduleText(*request, signature, ""), options);
  if (!id)
    return {nullptr, id.error};
  std::lock_guard<std::mutex> lock(mutex_);
  return {ready_[key] = kernels_[static_cast<size_t>(id.value)].get(), {}};
}

Result<int64_t> KernelCache::compileText(const std::string &text,
                                         const CompileOptions &options) {
  const std::string key = options.target + "\n" + options.cpu + "\n" +
                          std::to_string(static_cast<int>(options.emit)) +
                          (options.elementAligned ? "e\n" : "\n") + text;
  std::shared_ptr<Slot> slot;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    std::shared_ptr<Slot> &entry = slots_[key];
    if (!entry)
      entry = std::make_shared<Slot>();
    slot = entry;
  }
  std::lock_guard<std::mutex> compiling(slot->busy);
  if (slot->id >= 0)
    return {slot->id, {}};
  auto compiled = compile(text, options);
  if (!compiled)
    return {-1, compiled.error};
  if (compiled.value.size() != 1)
    return {-1, "expected the module to hold 1 attn.attention, but got " +
                    std::to_string(compiled.value.size())};
  std::lock_guard<std::mutex> lock(mutex_);
  slot->id = static_cast<int64_t>(kernels_.size());
  kernels_.push_back(std::move(compiled.value.front()));
  return {slot->id, {}};
}

Kernel *KernelCache::get(int64_t id) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (id < 0 || static_cast<size_t>(id) >= kernels_.size())
    return nullptr;
  return kernels_[static_cast<size_t>(id)].get();
}
