//===- Header.cpp - The C header of CPU kernels ---------------------------===//
//
// A template with marks such as @NAME@, and fragments for kernels with tables
// and for those that walk over lists. It states the contract of
// attn/Runtime/Kernel.h and Lists.h in C; the examples in its comment are
// compiled and run by test/Tools/attn-compile-header*.mlir.
//
//===----------------------------------------------------------------------===//
#include "Header.h"

#include <cstdio>
#include <map>

namespace attn::tool {

static constexpr const char *kTemplate =
    R"C(/* @NAME@: sparse attention on the CPU, made by attn-compile.
 *
 * query [B, @GRID@, H, @DIM@], key [B, @GRID@, Hk, @DIM@], value [B, @GRID@, Hk, @VALUE@] and
 * out [B, @GRID@, H, @VALUE@] of @ELEMENT@, lse [B, @GRID@, H] of f32, in memory @LAYOUT@.
 *
 * A launch is cut into tiles 0 .. @NAME@_tiles(). The entry runs the tiles
 * [first, last); tiles are independent, so threads may share them out, each
 * with a scratch of its own of @PREFIX@_SCRATCH_BYTES bytes, aligned to 64.
 *
 * The entry checks nothing. It relies on:
 *   - a head dimension (the last one) of stride 1;
 *   - equal batches; value and key of equal extents; H a multiple of Hk;
@RULES@ *   - a scale that is finite and > 0, usually @PREFIX@_SCALE.
 *
 * Example, all of it; build it with: cc main.c OBJECT
 *
 *   #include "@NAME@.h"
 *   #include <stdio.h>
 *   #include <stdlib.h>
 *
 *   int main(void) {
 *     const int32_t extent[] = {@EXTENT@}; // batch, grid axes, heads
 *     size_t rows = 1;
 *     for (int i = 0; i < @PREFIX@_DIMS; ++i)
 *       rows *= extent[i];
 *     @CTYPE@ *q = calloc(rows * @DIM@, sizeof *q); // fill in your own
 *     @CTYPE@ *k = calloc(rows * @DIM@, sizeof *k);
 *     @CTYPE@ *v = calloc(rows * @VALUE@, sizeof *v);
 *     @CTYPE@ *o = calloc(rows * @VALUE@, sizeof *o);
 *     float *l = calloc(rows, sizeof *l);
 *     @NAME@_tensor query = @NAME@_dense(q, extent, @DIM@);
 *     @NAME@_tensor key = @NAME@_dense(k, extent, @DIM@);
 *     @NAME@_tensor value = @NAME@_dense(v, extent, @VALUE@);
 *     @NAME@_tensor out = @NAME@_dense(o, extent, @VALUE@);
 *     @NAME@_tensor lse = @NAME@_dense(@LSEDATA@, extent, 1);
 *     float scale = @PREFIX@_SCALE;
 *     void *workspace = NULL, *params[@PREFIX@_PARAMS];
 *     void *scratch = aligned_alloc(64, @PREFIX@_SCRATCH_BYTES);
@EXAMPLETABLES@@EXAMPLELISTS@ *     @NAME@_pack(params, &query, &key, &value, &out, &lse, @PASSTABLES@&scale, &workspace);
 *     @NAME@(params, 0, @NAME@_tiles(&query), scratch);
 *     printf("lse of the first row: %f\n", l[0]);
 *     return 0;
 *   }
 */
#ifndef @PREFIX@_H
#define @PREFIX@_H

#include <stdint.h>
@INCLUDES@
#ifdef __cplusplus
extern "C" {
#endif

enum {
  @PREFIX@_RANK = @RANK@,           /* grid axes */
  @PREFIX@_DIMS = @DIMS@,           /* batch, grid axes, head */
  @PREFIX@_HEAD_DIM = @DIM@,
  @PREFIX@_VALUE_DIM = @VALUE@,
  @PREFIX@_PARAMS = @PARAMS@,       /* entries of the parameter array */
  @PREFIX@_SCRATCH_BYTES = @SCRATCH@ /* of one thread */
};
#define @PREFIX@_SCALE @SCALE@f

/* One tensor. Dimensions are batch, grid axes, head, whatever their order in
 * memory; strides count elements. An lse with null data is not written. */
typedef struct {
  void *data;
  int32_t extent[@DIMS@];
  int64_t stride[@DIMS@];
} @NAME@_tensor;

@TABLETYPE@/* The entry point. params: see @NAME@_pack. */
void @NAME@(void **params, int64_t first, int64_t last, void *scratch);

/* A tensor without gaps, in memory @LAYOUT@; dim: elements of a row. */
static inline @NAME@_tensor @NAME@_dense(void *data, const int32_t *extent, int32_t dim) {
  static const int order[@DIMS@] = {@ORDER@}; /* innermost first */
  @NAME@_tensor tensor;
  int64_t stride = dim;
  int i;
  tensor.data = data;
  for (i = 0; i < @DIMS@; ++i) {
    tensor.extent[i] = extent[i];
    tensor.stride[order[i]] = stride;
    stride *= extent[order[i]];
  }
  return tensor;
}

/* Number of tiles of a launch. */
static inline int64_t @NAME@_tiles(const @NAME@_tensor *query) {
  static const int64_t tile[@RANK@] = {@TILES@}, dilation[@RANK@] = {@DILATIONS@};
  int64_t count = (int64_t)query->extent[0] * query->extent[@RANK@ + 1];
  int i;
  for (i = 0; i < @RANK@; ++i) {
    int64_t group = (query->extent[i + 1] + dilation[i] - 1) / dilation[i];
    count *= dilation[i] * ((group + tile[i] - 1) / tile[i]);
  }
  return count;
}

/* Fills the parameter array: for each tensor its data, extents and strides,
 * then @TABLETEXT@the scale and the workspace. It points into the arguments, which
 * must live as long as it is used. */
static inline void @NAME@_pack(void **params, @NAME@_tensor *query, @NAME@_tensor *key,
                               @NAME@_tensor *value, @NAME@_tensor *out,
                               @NAME@_tensor *lse, @TABLEPARAM@float *scale,
                               void **workspace) {
  @NAME@_tensor *tensors[5];
  int i, t;
  tensors[0] = query, tensors[1] = key, tensors[2] = value, tensors[3] = out, tensors[4] = lse;
  for (t = 0; t < 5; ++t) {
    *params++ = &tensors[t]->data;
    for (i = 0; i < @DIMS@; ++i)
      *params++ = &tensors[t]->extent[i];
    for (i = 0; i < @DIMS@; ++i)
      *params++ = &tensors[t]->stride[i];
  }
@PACKTABLES@  *params++ = scale;
  *params++ = workspace;
}
@LISTS@
#ifdef __cplusplus
}
#endif

#endif /* @PREFIX@_H */
)C";

static constexpr const char *kTableType =
    R"C(/* A table of @TABLEELEMENTS@, row-major; one of one dimension has one row. */
typedef struct {
  void *data;
  int32_t rows, columns;
} @NAME@_table;

)C";

static constexpr const char *kPackTables =
    R"C(  for (t = 0; t < @TABLECOUNT@; ++t) {
    *params++ = &tables[t].data;
    *params++ = &tables[t].rows;
    *params++ = &tables[t].columns;
  }
)C";

static constexpr const char *kExampleTables =
    R"C( *     static int32_t numbers[@TABLECOUNT@][1 << 16]; // fill in your own
 *     @NAME@_table tables[@TABLECOUNT@];
 *     for (int i = 0; i < @TABLECOUNT@; ++i)
 *       tables[i] = (@NAME@_table){numbers[i], 1, 1 << 16};
)C";

static constexpr const char *kExampleLists =
    R"C( *     workspace = @NAME@_lists(&query, &key, @PASSTABLES@scratch);
)C";

static constexpr const char *kLists =
    R"C(
/* Writes lists of the key boxes that hold visible pairs. */
void @CLASSIFIER@(void **params, int64_t first, int64_t last, void *scratch);

/* The kernel's workspace for tensors of these extents: those lists, by malloc, or
 * NULL without memory. It serves every launch on the same extents@LISTSOFTABLES@. */
static inline int32_t *@NAME@_lists(const @NAME@_tensor *query, const @NAME@_tensor *key,
                                    @TABLEPARAM@void *scratch) {
  @NAME@_tensor q = *query, k = *key;
  void *params[@PREFIX@_PARAMS], *workspace;
  float scale = 1;
  int64_t rows, row, words;
  int32_t *lists, *whole;
@SHARED@  k.extent[@RANK@ + 1] = q.extent[@RANK@ + 1];
  rows = @NAME@_tiles(&q);
  words = 2 + 2 * rows;
  lists = (int32_t *)calloc((size_t)words, sizeof *lists);
  if (!lists)
    return NULL;
  lists[1] = (int32_t)words; /* a capacity of 0: only count */
  workspace = lists;
  @NAME@_pack(params, &q, &k, &k, &q, &q, @PASSTABLES@&scale, &workspace);
  @CLASSIFIER@(params, 0, rows, scratch);
  for (row = 0; row < rows; ++row) {
    lists[2 + 2 * row] = (int32_t)words;
    words += lists[3 + 2 * row];
  }
  lists[0] = -1; /* each row at its position */
  whole = (int32_t *)realloc(lists, (size_t)(words + 1) * sizeof *lists);
  if (!whole) {
    free(lists);
    return NULL;
  }
  workspace = whole;
  @CLASSIFIER@(params, 0, rows, scratch);
  return whole;
}
)C";

/// `term(0), term(1), ...`
template <class Term> static std::string commas(int count, const Term &term) {
  std::string text;
  for (int i = 0; i < count; ++i)
    text += (i ? ", " : "") + std::string(term(i));
  return text;
}

/// What the pattern asks of extents, a line each.
static std::string rulesOf(const runtime::KernelInfo &info) {
  std::string rules;
  for (int axis = 0; axis < info.rank; ++axis) {
    const runtime::AxisInfo &rule = info.axes[axis];
    std::string name = "grid axis " + std::to_string(axis);
    if (rule.equalExtents)
      rules += " *   - query and key of equal extents along " + name + ";\n";
    if (rule.minExtent > 1)
      rules += " *   - an extent of at least " +
               std::to_string(rule.minExtent) + " along " + name + ";\n";
  }
  return rules;
}

/// Dimensions (batch 0, grid axes, head) as they lie in memory, innermost
/// first.
static std::string memoryOrder(const runtime::KernelInfo &info) {
  int head = info.rank + 1;
  std::string grid =
      commas(info.rank, [&](int i) { return std::to_string(info.rank - i); });
  std::string headText = std::to_string(head);
  return info.layout == runtime::Layout::HeadsLast
             ? headText + ", " + grid + ", 0"
             : grid + ", " + headText + ", 0";
}

/// Fragments, which hold marks themselves.
static std::map<std::string, std::string>
fragmentsOf(const runtime::KernelInfo &info) {
  bool tables = !info.tables.empty(), lists = !info.lists.classifier.empty();
  auto with = [](bool wanted, const char *text) {
    return std::string(wanted ? text : "");
  };
  std::string shared;
  if (!info.lists.perBatch)
    shared += "  if (q.extent[0] > 1)\n    q.extent[0] = 1; /* shared */\n";
  if (!info.lists.perHead)
    shared += "  if (q.extent[@RANK@ + 1] > 1)\n"
              "    q.extent[@RANK@ + 1] = 1; /* shared */\n";
  return {{"TABLETYPE", with(tables, kTableType)},
          {"TABLEPARAM", with(tables, "@NAME@_table *tables, ")},
          {"TABLETEXT", with(tables, "each table's data, rows and columns, ")},
          {"PASSTABLES", with(tables, "tables, ")},
          {"PACKTABLES", with(tables, kPackTables)},
          {"EXAMPLETABLES", with(tables, kExampleTables)},
          {"EXAMPLELISTS", with(lists, kExampleLists)},
          {"LISTS", with(lists, kLists)},
          {"LISTSOFTABLES",
           with(!info.lists.isStatic, " and the same numbers in the tables")},
          {"SHARED", shared},
          {"INCLUDES", with(lists, "#include <stdlib.h>\n")}};
}

/// "i32, f32": the tables in their order.
static std::string tableElements(const runtime::KernelInfo &info) {
  return commas(int(info.tables.size()),
                [&](int i) { return info.tables[i].isFloat ? "f32" : "i32"; });
}

static std::map<std::string, std::string>
marksOf(const runtime::KernelInfo &info) {
  auto number = [](int64_t value) { return std::to_string(value); };
  std::string prefix = info.name;
  for (char &c : prefix)
    c = (c >= 'a' && c <= 'z') ? char(c - 'a' + 'A') : c;
  char scale[32];
  std::snprintf(scale, sizeof(scale), "%#.9g", info.defaultScale);
  const char *elements[] = {"f32", "f16 (its 16-bit words)",
                            "bf16 (its 16-bit words)"};
  bool half = info.element != runtime::ElementType::F32;
  bool last = info.layout == runtime::Layout::HeadsLast;
  constexpr int64_t kExampleExtent = 32;
  std::string gridExtents = commas(info.rank, [&](int i) {
    return number(std::max(kExampleExtent, info.axes[i].minExtent));
  });
  return {
      {"NAME", info.name},
      {"PREFIX", prefix},
      {"GRID",
       info.rank == 1 ? "1 grid axis" : number(info.rank) + " grid axes"},
      {"RANK", number(info.rank)},
      {"DIMS", number(info.rank + 2)},
      {"DIM", number(info.headDim)},
      {"VALUE", number(info.valueDim)},
      {"ELEMENT", elements[int(info.element)]},
      {"CTYPE", half ? "uint16_t" : "float"},
      {"LAYOUT", last ? "[B, grid, H, D]" : "[B, H, grid, D]"},
      {"RULES", rulesOf(info)},
      {"EXTENT", "1, " + gridExtents + ", 2"},
      {"LSEDATA", info.hasLse ? "l" : "NULL"},
      {"PARAMS",
       number(5 * (1 + 2 * (info.rank + 2)) + 3 * info.tables.size() + 2)},
      {"TABLECOUNT", number(info.tables.size())},
      {"TABLEELEMENTS", tableElements(info)},
      {"CLASSIFIER", info.lists.classifier},
      // aligned_alloc wants a multiple of the alignment.
      {"SCRATCH",
       number((std::max<int64_t>(info.scratchBytes, 1) + 63) / 64 * 64)},
      {"SCALE", scale},
      {"ORDER", memoryOrder(info)},
      {"TILES", commas(info.rank,
                       [&](int i) { return number(info.axes[i].queryTile); })},
      {"DILATIONS",
       commas(info.rank, [&](int i) { return number(info.axes[i].dilation); })},
  };
}

/// `text` with each mark that `values` has replaced; others stay.
static std::string replace(const std::string &text,
                           const std::map<std::string, std::string> &values) {
  std::string result;
  size_t from = 0;
  for (size_t begin; (begin = text.find('@', from)) != std::string::npos;) {
    size_t end = text.find('@', begin + 1);
    auto value = values.find(text.substr(begin + 1, end - begin - 1));
    result += text.substr(from, begin - from);
    result += value == values.end() ? text.substr(begin, end + 1 - begin)
                                    : value->second;
    from = end + 1;
  }
  return result + text.substr(from);
}

std::string makeHeader(const Kernel &kernel) {
  std::string text = kTemplate;
  // A fragment may hold fragments.
  for (int depth = 0; depth < 3; ++depth)
    text = replace(text, fragmentsOf(kernel.info()));
  return replace(text, marksOf(kernel.info()));
}

} // namespace attn::tool
