//===- KernelText.cpp - Writes kernels as text of LLVM IR -----------------===//
//
// See KernelText.h.
//
//===----------------------------------------------------------------------===//
#include "KernelText.h"

namespace attn::test {

std::string KernelText::value(const std::string &instruction) {
  std::string name = "%v" + std::to_string(next++);
  line(name + " = " + instruction);
  return name;
}

std::string KernelText::add(const std::string &a, const std::string &b) {
  return value("add i32 " + a + ", " + b);
}

std::string KernelText::mul(const std::string &a, int64_t b) {
  return value("mul i32 " + a + ", " + std::to_string(b));
}

std::string KernelText::bits(const std::string &a, int shift, int mask) {
  std::string high = value("lshr i32 " + a + ", " + std::to_string(shift));
  return value("and i32 " + high + ", " + std::to_string(mask));
}

std::string KernelText::call(const std::string &result, const std::string &name,
                             const Values &operands) {
  std::string types, list;
  for (const std::string &operand : operands) {
    types += (types.empty() ? "" : ", ") +
             operand.substr(0, operand.find_last_of(' '));
    list += (list.empty() ? "" : ", ") + operand;
  }
  declarations.insert("declare " + result + " @attn.rt." + name + "(" + types +
                      ")\n");
  std::string text = "call " + result + " @attn.rt." + name + "(" + list + ")";
  if (result != "void")
    return value(text);
  line(text);
  return "";
}

std::string KernelText::shared(const std::string &offset) {
  return "ptr addrspace(3) " +
         value("getelementptr i8, ptr addrspace(3) @attn.shared, i32 " +
               offset);
}

std::string KernelText::global(const std::string &pointer,
                               const std::string &offset) {
  return "ptr addrspace(1) " + value("getelementptr i8, ptr addrspace(1) " +
                                     pointer + ", i32 " + offset);
}

void KernelText::fillShared(const std::string &image, int bytes, int threads) {
  std::string place = mul("%t", 16);
  for (int first = 0; first < bytes; first += 16 * threads) {
    std::string offset = add(place, std::to_string(first));
    std::string inside =
        value("icmp ult i32 " + offset + ", " + std::to_string(bytes));
    when(inside, [&] {
      std::string chunk =
          value("load <4 x i32>, " + global(image, offset) + ", align 16");
      line("store <4 x i32> " + chunk + ", " + shared(offset) + ", align 16");
    });
  }
}

std::string KernelText::descriptor(const std::string &offset, int leading,
                                   int stride, runtime::Swizzle swizzle) {
  // Codes of PTX ISA "Matrix Descriptor Format": none, 32, 64, 128 bytes.
  static constexpr uint64_t kCodes[] = {0, 3, 2, 1};
  uint64_t fixed = uint64_t(leading / 16) << 16 | uint64_t(stride / 16) << 32 |
                   kCodes[static_cast<int>(swizzle)] << 62;
  std::string address = value("ptrtoint " + shared(offset) + " to i64");
  std::string low = value("and i64 " + address + ", 262143");
  std::string start = value("lshr i64 " + low + ", 4");
  return "i64 " + value("or i64 " + start + ", " +
                        std::to_string(static_cast<int64_t>(fixed)));
}

static std::string floats(size_t count) {
  std::string text = "{";
  for (size_t i = 0; i < count; ++i)
    text += i ? ", float" : "float";
  return text + "}";
}

Values KernelText::wgmma(const WgmmaCall &shape, const Values &sums,
                         const Values &operands) {
  std::string type = floats(shape.accumulators());
  Values all;
  for (unsigned i = 0; i < shape.accumulators(); ++i)
    all.push_back("float " + (sums.empty() ? "poison" : sums[i]));
  all.push_back(sums.empty() ? "i32 0" : "i32 1");
  all.insert(all.end(), operands.begin(), operands.end());
  std::string result = call(type, shape.name(), all);
  Values values;
  for (unsigned i = 0; i < shape.accumulators(); ++i)
    values.push_back(value("extractvalue " + type + " " + result + ", " +
                           std::to_string(i)));
  return values;
}

Values KernelText::wgmmaWait(int pending, const Values &given) {
  std::string name = WgmmaWaitCall{unsigned(given.size()), 0}.name();
  Values operands{"i32 " + std::to_string(pending)}, values;
  for (const std::string &operand : given)
    operands.push_back("float " + operand);
  std::string type = given.empty() ? "void" : floats(given.size());
  std::string result = call(type, name, operands);
  for (size_t i = 0; i < given.size(); ++i)
    values.push_back(value("extractvalue " + type + " " + result + ", " +
                           std::to_string(i)));
  return values;
}

std::string KernelText::text(const std::string &parameters) const {
  std::string text =
      "@attn.shared = external addrspace(3) global [0 x i8], align 1024\n";
  for (const std::string &declaration : declarations)
    text += declaration;
  return text + "define ptx_kernel void @test(" + parameters + ") {\nentry:\n" +
         body + "  ret void\n}\n";
}

} // namespace attn::test
