/// What the keys of a report are, for those that are no figures with a definition of their own.
enum SchemaDescriptions {
    /// By `Type.key`: the Swift type that has the key, and the key in snake case.
    static let byKey = ofRun.merging(ofFigures) { $1 }
}
