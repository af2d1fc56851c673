/// A pattern of tensor names that differ in one number, such as that of the layer or the expert.
struct NamePattern {
    static let layer = "{layer}"
    static let expert = "{expert}"

    private let head: String
    private let tail: String?

    /// A pattern from a name with a placeholder.
    ///
    /// - Parameter placeholder: the text in place of the number; a name without it is matched as it is.
    init(_ name: String, placeholder: String) {
        if let open = name.firstRange(of: placeholder) {
            head = String(name[..<open.lowerBound])
            tail = String(name[open.upperBound...])
        } else {
            head = name
            tail = nil
        }
    }

    /// The part of the name in front of the number.
    var prefix: String { head }

    /// The tensor name of this pattern that has the given number.
    func name(_ number: Int) -> String {
        tail.map { "\(head)\(number)\($0)" } ?? head
    }

    /// The number in a name of this pattern, or nil for another name.
    func number(in name: String) -> Int? {
        guard let tail, name.hasPrefix(head), name.hasSuffix(tail) else { return nil }
        let digits = name.utf8.dropFirst(head.utf8.count).dropLast(tail.utf8.count)
        guard name.utf8.count > head.utf8.count + tail.utf8.count, digits.allSatisfy({ 0x30...0x39 ~= $0 }) else {
            return nil
        }
        return Int(Substring(digits))
    }

    /// True for a name of this pattern, with any number.
    func matches(_ name: String) -> Bool {
        tail == nil ? name == head : number(in: name) != nil
    }
}
