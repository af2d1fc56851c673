import Records

extension IndexTable {
    static let rankColumns =
        [
            IndexColumn("rank", .integer, isRequired: true), IndexColumn("experts", .integer),
            IndexColumn("copies", .real), IndexColumn("shared_tokens", .real), IndexColumn("share", .real),
            IndexColumn("imbalance", .real),
        ] + Phase.ofRank.map { IndexColumn("seconds.\($0.rawValue)", .real) } + [
            IndexColumn("dispatch_bytes", .real), IndexColumn("combine_bytes", .real),
        ]

    static let phaseColumns = [
        IndexColumn("phase", .text, isRequired: true), IndexColumn("seconds", .real), IndexColumn("share", .real),
    ]

    static let lossColumns =
        [IndexColumn("name", .text, isRequired: true)] + IndexColumn.spread("value") + [
            IndexColumn("coefficient", .real), IndexColumn("value_at_balance", .real),
        ]
}
