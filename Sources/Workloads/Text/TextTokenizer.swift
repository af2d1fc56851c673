/// A tokenizer that cuts a text into words, numbers and single symbols, and gives each piece a stable number.
///
/// A word is a run of letters, a number a run of decimal digits; any other character is a token by itself, and so is
/// each ideograph, which is a word of its own. Marks (accents, variation selectors) belong to what they follow. White
/// space separates tokens and is none; invisible format characters are skipped. The number of a token is the FNV-1a
/// hash of its UTF-8 bytes, 64 bits wide. Source: Fowler, Noll, Vo and Eastlake, RFC 9923.
struct TextTokenizer {
    private enum Class {
        case letter
        case digit
        case symbol
        case mark
        case blank
        case skipped
    }

    /// The numbers of the tokens so far.
    private(set) var tokens: [UInt64] = []
    /// The class of characters of the token that is being read; nil between tokens.
    private var open: Class?
    private var hash = Self.offsetBasis

    private static let offsetBasis: UInt64 = 0xCBF2_9CE4_8422_2325
    private static let prime: UInt64 = 0x0000_0100_0000_01B3

    /// Take the next character of the text.
    mutating func append(_ scalar: Unicode.Scalar) {
        switch Self.classify(scalar) {
        case .blank: close()
        case .skipped: return
        case .mark:
            if open == nil { open = .symbol }
            mix(scalar)
        case .symbol:
            close()
            open = .symbol
            mix(scalar)
        case let kind:
            if open != kind { close() }
            open = kind
            mix(scalar)
        }
    }

    /// End the token that is being read, at the end of the text.
    mutating func close() {
        guard open != nil else { return }
        tokens.append(hash)
        open = nil
        hash = Self.offsetBasis
    }

    private mutating func mix(_ scalar: Unicode.Scalar) {
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
            hash = (hash ^ UInt64(byte)) &* Self.prime
        }
    }

    private static func classify(_ scalar: Unicode.Scalar) -> Class {
        switch scalar {
        case "a"..."z", "A"..."Z": return .letter
        case "0"..."9": return .digit
        case " ", "\t"..."\r": return .blank
        case "!"..."~": return .symbol
        default: return classifyByProperties(scalar.properties)
        }
    }

    private static func classifyByProperties(_ properties: Unicode.Scalar.Properties) -> Class {
        if properties.isWhitespace { return .blank }
        switch properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: return .mark
        case .decimalNumber: return .digit
        case .format: return .skipped
        default: return properties.isAlphabetic && !properties.isIdeographic ? .letter : .symbol
        }
    }
}
