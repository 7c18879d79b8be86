//===- Mutations.cpp - Changes that keep module text close to valid -------===//
//
// Bytes changed at random seldom pass the parser. Here numbers become other
// numbers, and bracketed pieces and lines move about; libFuzzer's own mutations,
// which know the dictionary, are every second one.
//
//===----------------------------------------------------------------------===//
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringRef.h"

#include <cstring>
#include <optional>
#include <random>
#include <string>

using llvm::StringRef;
using Random = std::minstd_rand;

extern "C" size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t maxSize);

/// Numbers at which checks and arithmetic change their mind.
static constexpr const char *kNumbers =
    "0 1 -1 2 3 7 16 64 128 255 4097 65536 1073741823 1073741824 1073741825 "
    "2147483647 2147483648 -2147483648 4294967296 4611686018427387904 "
    "9223372036854775807 -9223372036854775808 9223372036854775808";

/// [begin, begin + size) of a text.
struct Piece {
  size_t begin, size;
};

static bool isWordCharacter(char c) {
  return llvm::isAlnum(c) || StringRef("_.$#!@%").contains(c);
}

/// The first number that begins at or after a random place.
static std::optional<Piece> numberIn(StringRef text, Random &random) {
  size_t begin =
      text.find_if(llvm::isDigit, random() % std::max<size_t>(1, text.size()));
  if (begin == StringRef::npos)
    return std::nullopt;
  size_t end = text.find_if_not(llvm::isDigit, begin);
  if (begin > 0 && text[begin - 1] == '-')
    --begin;
  return Piece{begin, std::min(end, text.size()) - begin};
}

/// The like of brackets, with what is between and the word before.
static std::optional<Piece> bracketIn(StringRef text, Random &random) {
  size_t open =
      text.find_first_of("<([{", random() % std::max<size_t>(1, text.size()));
  if (open == StringRef::npos)
    return std::nullopt;
  size_t end = open;
  int64_t depth = 0;
  for (char before = 0; end < text.size(); before = text[end++]) {
    if (StringRef("<([{").contains(text[end]))
      ++depth;
    else if (StringRef(")]}").contains(text[end]) ||
             (text[end] == '>' && before != '-'))
      --depth;
    if (depth == 0)
      break;
  }
  size_t begin = open;
  while (begin > 0 && isWordCharacter(text[begin - 1]))
    --begin;
  return Piece{begin, std::min(end + 1, text.size()) - begin};
}

/// A line around a random place.
static std::optional<Piece> lineIn(StringRef text, Random &random) {
  size_t before = text.rfind('\n', random() % std::max<size_t>(1, text.size()));
  size_t begin = before == StringRef::npos ? 0 : before + 1;
  size_t end = text.find('\n', begin);
  return Piece{begin, std::min(end, text.size() - 1) + 1 - begin};
}

/// Copies `text` back if it fits; returns its size, or 0.
static size_t store(StringRef text, uint8_t *data, size_t maxSize) {
  if (text.empty() || text.size() > maxSize)
    return 0;
  std::memcpy(data, text.data(), text.size());
  return text.size();
}

/// `text` with one of its pieces replaced, by one of `other` or nothing.
static std::string replacePiece(std::string text, StringRef other,
                                Random &random) {
  auto pieceIn = random() % 4 ? bracketIn : lineIn;
  std::optional<Piece> to = pieceIn(text, random);
  std::optional<Piece> from = pieceIn(other, random);
  if (!to || !from)
    return "";
  StringRef piece = other.substr(from->begin, from->size);
  switch (random() % 4) {
  case 0:
    return text.erase(to->begin, to->size);
  case 1:
    return text.insert(to->begin, piece.str());
  default:
    return text.replace(to->begin, to->size, piece.str());
  }
}

/// `text` with another number, of those above, for one of its numbers.
static std::string replaceNumber(std::string text, Random &random) {
  llvm::SmallVector<StringRef> numbers;
  StringRef(kNumbers).split(numbers, ' ');
  if (std::optional<Piece> number = numberIn(text, random))
    text.replace(number->begin, number->size,
                 numbers[random() % numbers.size()].str());
  return text;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size,
                                          size_t maxSize, unsigned seed) {
  Random random(seed + 1);
  std::string text(reinterpret_cast<char *>(data), size);
  size_t stored = 0;
  if (!text.empty() && random() % 2)
    stored = store(random() % 2 ? replaceNumber(text, random)
                                : replacePiece(text, text, random),
                   data, maxSize);
  return stored ? stored : LLVMFuzzerMutate(data, size, maxSize);
}

extern "C" size_t LLVMFuzzerCustomCrossOver(const uint8_t *data1, size_t size1,
                                            const uint8_t *data2, size_t size2,
                                            uint8_t *out, size_t maxSize,
                                            unsigned seed) {
  Random random(seed + 1);
  std::string text(reinterpret_cast<const char *>(data1), size1);
  StringRef other(reinterpret_cast<const char *>(data2), size2);
  if (text.empty() || other.empty())
    return 0;
  return store(replacePiece(text, other, random), out, maxSize);
}
