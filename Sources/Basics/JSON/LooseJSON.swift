import FoundationEssentials

/// What Python and Foundation take as JSON beyond the standard, or do not take.
///
/// Python's `json` writes and reads NaN, Infinity and -Infinity. Foundation reads these as a part of JSON5 only, with much
/// that Python refuses, and a comma before a closing bracket always.
enum LooseJSON {
    private static let numbers = ["-Infinity", "Infinity", "NaN"].map { Array($0.utf8) }

    /// A text with null in the place of each number that JSON does not have; nil for one that has none.
    static func plain(_ json: Data) -> Data? {
        let bytes = Array(json)
        var plain: [UInt8] = []
        var (copied, skipped) = (0, 0)
        forEachUnquoted(bytes) { place in
            guard place >= skipped, "-IN".utf8.contains(bytes[place]),
                let number = numbers.first(where: { bytes[place...].starts(with: $0) })
            else { return }
            plain += bytes[copied..<place] + Array("null".utf8)
            skipped = place + number.count
            copied = skipped
        }
        return copied == 0 ? nil : Data(plain + bytes[copied...])
    }

    /// Whether a comma stands in front of a closing bracket, in a text that a decoder has taken.
    static func hasTrailingComma(_ json: Data) -> Bool {
        let bytes = Array(json)
        var (last, isFound) = (UInt8(0), false)
        forEachUnquoted(bytes) { place in
            let byte = bytes[place]
            guard byte > 0x20 else { return }
            if last == UInt8(ascii: ","), "]}".utf8.contains(byte) { isFound = true }
            last = byte
        }
        return isFound
    }

    /// Call `body` with the place of each byte outside of strings, and of the quotation marks around them.
    private static func forEachUnquoted(_ bytes: [UInt8], _ body: (Int) -> Void) {
        var (place, isQuoted) = (0, false)
        while place < bytes.count {
            let byte = bytes[place]
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if !isQuoted { body(place) }
            place += isQuoted && byte == UInt8(ascii: "\\") ? 2 : 1
        }
    }
}
