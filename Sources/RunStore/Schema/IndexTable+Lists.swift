extension IndexTable {
    static let rankColumns = [
        IndexColumn("rank", .integer, isRequired: true, "the rank"),
        IndexColumn("experts", .integer, "experts that it holds, all layers"),
        IndexColumn("copies", .real, "routed copies per step"),
        IndexColumn("shared_tokens", .real, "tokens per step through its replicas of shared and dense experts"),
        IndexColumn("share", .real, "its part of a layer's routed copies, mean over steps and layers"),
        IndexColumn("imbalance", .real, "its copies / the mean over ranks, mean over steps and layers"),
        IndexColumn("seconds.dispatch", .real, "seconds per step in dispatch"),
        IndexColumn("seconds.queue", .real, "seconds per step in the queue"),
        IndexColumn("seconds.compute", .real, "seconds per step in the experts"),
        IndexColumn("seconds.combine", .real, "seconds per step in combine"),
        IndexColumn("seconds.wait", .real, "seconds per step that it waits for others"),
        IndexColumn("dispatch_bytes", .real, "bytes sent to it per step"),
        IndexColumn("combine_bytes", .real, "bytes received from it per step"),
    ]

    static let phaseColumns = [
        IndexColumn("phase", .text, isRequired: true, "gate, dispatch, queue, compute, combine, wait, shared or merge"),
        IndexColumn("seconds", .real, "seconds per step, summed over layers, mean over ranks and steps"),
        IndexColumn("share", .real, "the same / mean seconds of a step"),
    ]

    static let lossColumns =
        [IndexColumn("name", .text, isRequired: true, "what it is called in its paper")]
        + IndexColumn.spread("value", "the loss without its coefficient, over (step, layer)")
        + [
            IndexColumn("coefficient", .real, "its coefficient in the last step"),
            IndexColumn("value_at_balance", .real, "its value at perfect balance, where it has one"),
        ]
}
