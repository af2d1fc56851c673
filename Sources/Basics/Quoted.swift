/// Shows what somebody wrote: bounded in length, with nothing in it that could steer a terminal.
public enum Quoted {
    /// Characters of a text, and bytes of anything else, that are shown at most.
    public static let longest = 60

    /// A value: numbers and booleans as they are, everything else in quotes.
    public static func value(_ found: String) -> String {
        let isBare = found == "true" || found == "false" || Int(found) != nil || Double(found) != nil
        return isBare && found.utf8.count <= longest ? found : text(found)
    }

    /// A text in quotes.
    public static func text(_ found: String) -> String {
        var shown = ""
        for scalar in found.unicodeScalars.prefix(longest) {
            shown += printable(scalar)
        }
        return "\"\(shown)\(found.unicodeScalars.count > longest ? "..." : "")\""
    }

    /// A key as it was written, in quotes only when it is long or holds anything that keys do not hold.
    public static func key(_ found: String) -> String {
        let isPlain = found.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") }
        return isPlain && found.utf8.count <= longest ? found : text(found)
    }

    private static func printable(_ scalar: Unicode.Scalar) -> String {
        if scalar == "\"" || scalar == "\\" {
            return "\\\(scalar)"
        }
        return switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .unassigned, .lineSeparator, .paragraphSeparator:
            scalar.escaped(asASCII: true)
        default: String(scalar)
        }
    }
}
