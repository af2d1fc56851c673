internal import FoundationEssentials

/// The search for a key that an object of a JSON text has twice: decoders take one of its values and drop the other,
/// and not all decoders the same one.
enum RepeatedKey {
    /// The first such key, in a text that a decoder has taken; nil where there is none.
    static func first(in json: Data) -> String? {
        var tokens = Tokens(bytes: Array(json))
        /// The keys of the open objects; nil for an open list.
        var open: [Set<String>?] = []
        var last: [UInt8] = []
        while let token = tokens.next() {
            switch token {
            case .word(let bytes): last = bytes
            case .mark(UInt8(ascii: "{")): open.append([])
            case .mark(UInt8(ascii: "[")): open.append(nil)
            case .mark(UInt8(ascii: "}")), .mark(UInt8(ascii: "]")): _ = open.popLast()
            case .mark(UInt8(ascii: ":")) where !open.isEmpty:
                let key = text(last)
                if open[open.count - 1]?.insert(key).inserted == false { return key }
            case .mark: break
            }
        }
        return nil
    }

    /// The text that a word between quotes stands for.
    private static func text(_ word: [UInt8]) -> String {
        let plain = String(decoding: word, as: UTF8.self)
        guard word.contains(UInt8(ascii: "\\")) else { return plain }
        return (try? JSONDecoder().decode(String.self, from: Data("\"\(plain)\"".utf8))) ?? plain
    }

    /// A text within quotes or a word without, or a mark of JSON.
    private enum Token {
        case word([UInt8])
        case mark(UInt8)
    }

    /// The tokens of a text.
    private struct Tokens {
        let bytes: [UInt8]
        private var place = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        mutating func next() -> Token? {
            while place < bytes.count {
                let byte = bytes[place]
                switch byte {
                case UInt8(ascii: "\""): return .word(quoted())
                case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: ":"),
                    UInt8(ascii: ","):
                    place += 1
                    return .mark(byte)
                case 0...0x20: place += 1
                default: return .word(bare())
                }
            }
            return nil
        }

        private mutating func quoted() -> [UInt8] {
            let start = place + 1
            place = start
            while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
                place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
            }
            let end = min(place, bytes.count)
            place = end + 1
            return Array(bytes[start..<end])
        }

        private mutating func bare() -> [UInt8] {
            let start = place
            while place < bytes.count, bytes[place] > 0x20, !"{}[]:,\"".utf8.contains(bytes[place]) { place += 1 }
            return Array(bytes[start..<place])
        }
    }
}
