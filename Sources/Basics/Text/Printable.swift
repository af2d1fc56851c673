/// Text from outside (host names, paths, reasons) made safe for one line of a terminal.
public enum Printable {
    /// `text` with every control character, line breaks and escape codes among them, replaced by `?`.
    public static func text(_ text: String) -> String {
        text.escaped { $0.isPrintable ? nil : "?" }
    }
}

extension String {
    /// The text with something else in the place of the characters that `escape` knows; nil leaves one as it is.
    public func escaped(_ escape: (Unicode.Scalar) -> String?) -> String {
        var escaped = ""
        for scalar in unicodeScalars {
            if let other = escape(scalar) {
                escaped += other
            } else {
                escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

extension Unicode.Scalar {
    /// False for what a terminal would not show but obey.
    var isPrintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
