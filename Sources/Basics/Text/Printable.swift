/// Text from outside (host names, paths, reasons) made safe for one line of a terminal.
public enum Printable {
    /// `text` with every control character, line breaks and escape codes among them, replaced by `?`.
    public static func text(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? "?" : $0 }))
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
