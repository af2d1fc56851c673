public import Basics
public import Yams

/// Reads scalars strictly, and names what stands where something else should.
public enum NodeText {
    /// The text of a scalar, or of a list of scalars, that a setting may take, or nil.
    public static func value(_ node: Node, as form: ValueForm) -> String? {
        if form == .list, case .sequence(let sequence) = node {
            let texts = sequence.compactMap { value($0, as: .text) }
            return texts.count == sequence.count ? texts.joined(separator: ",") : nil
        }
        guard case .scalar(let scalar) = node, !isNull(scalar) else { return nil }
        return form == .bare && scalar.style != .plain ? nil : scalar.string
    }

    /// What stands there, in words.
    public static func found(_ node: Node) -> String {
        switch node {
        case .scalar(let scalar) where isNull(scalar): "nothing"
        case .scalar(let scalar) where scalar.style == .plain: Quoted.value(scalar.string)
        case .scalar(let scalar): "the text \(Quoted.text(scalar.string))"
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }

    /// True for an empty value and the other spellings of null.
    public static func isNull(_ scalar: Node.Scalar) -> Bool {
        scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }
}
