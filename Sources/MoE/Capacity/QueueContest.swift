/// The contest that gives every copy its place in the queue of its expert, group by group.
struct QueueContest {
    private let rule: CapacityRule?
    private let batch: RouterBatch
    private let groups: [Range<Int>]

    /// Create a contest under a capacity rule; without a rule, every copy gets a place.
    ///
    /// - Throws: ``RoutingError`` when the rule is per sequence and the batch's sequences do not fit its tokens.
    init(_ rule: CapacityRule?, batch: RouterBatch) throws(RoutingError) {
        self.rule = rule
        self.batch = batch
        groups = try batch.contestGroups(rule)
    }

    /// Settle which copies get places; those without one keep ``DispatchPlan/dropped``.
    ///
    /// The places of a later group follow the capacities of the earlier ones, so a place is unique in its queue.
    func settle(_ choices: inout ChoiceTable) {
        var firstPlace = 0
        for group in groups {
            let capacity = rule?.capacity(tokens: group.count, topK: choices.topK, experts: choices.experts) ?? .max
            settle(&choices, group, capacity, firstPlace: firstPlace)
            firstPlace += min(capacity, group.count)
        }
    }

    /// The rows that the experts compute when every queue is padded to its capacity; nil without a rule, or when there
    /// are too many to count.
    func paddedRows(topK: Int, experts: Int) -> Int? {
        guard let rule else { return nil }
        var rows = 0
        for group in groups {
            let capacity = rule.capacity(tokens: group.count, topK: topK, experts: experts)
            let (product, isTooLarge) = capacity.multipliedReportingOverflow(by: experts)
            let (sum, overflow) = rows.addingReportingOverflow(product)
            guard !isTooLarge && !overflow else { return nil }
            rows = sum
        }
        return rows
    }

    private func settle(_ choices: inout ChoiceTable, _ group: Range<Int>, _ capacity: Int, firstPlace: Int) {
        var taken = [Int](repeating: 0, count: choices.experts)
        let order = copies(of: group, in: choices)
        place(&choices, order, capacity, firstPlace: firstPlace, &taken)
        if case .nextChoices(let passes) = rule?.overflow {
            reassign(&choices, order, passes, capacity, firstPlace: firstPlace, &taken)
        }
    }

    /// Place copies in the order of `order`, and count in `taken` the copies that asked for each expert.
    private func place(
        _ choices: inout ChoiceTable,
        _ order: some Sequence<Int>,
        _ capacity: Int,
        firstPlace: Int,
        _ taken: inout [Int]
    ) {
        let experts = choices.expert
        for copy in order {
            let expert = Int(experts[copy])
            guard choices.isAsked[copy] else {
                if choices.skippedTakePlaces { taken[expert] += 1 }
                continue
            }
            if taken[expert] < capacity { choices.place[copy] = Int32(firstPlace + taken[expert]) }
            taken[expert] += 1
        }
    }

    private func reassign(
        _ choices: inout ChoiceTable,
        _ order: [Int],
        _ passes: Int,
        _ capacity: Int,
        firstPlace: Int,
        _ taken: inout [Int]
    ) {
        var waiting = order.filter { choices.isAsked[$0] && choices.place[$0] == DispatchPlan.dropped }
        for _ in 0..<passes where !waiting.isEmpty {
            waiting.removeAll { copy in
                guard let next = choices.nextChoice(ofToken: copy / choices.topK) else { return false }
                let expert = Int(next.expert)
                guard taken[expert] < capacity else { return false }
                choices.move(copy, to: next, place: Int32(firstPlace + taken[expert]))
                taken[expert] += 1
                return true
            }
        }
    }

    /// The copies of a group in the order of the contest.
    private func copies(of group: Range<Int>, in choices: ChoiceTable) -> [Int] {
        let topK = choices.topK
        let all = Array(group.lowerBound * topK..<group.upperBound * topK)
        switch rule?.order ?? .position {
        case .position:
            return all
        case .choice:
            return byChoice(Array(group), topK)
        case .probability:
            return sorted(all) { -choices.weight[$0] }
        case .batchPrioritised:
            return byChoice(sorted(Array(group)) { -choices.priority[$0] }, topK)
        case .random:
            return sorted(all) { batch.uniform(.contest, $0) }
        }
    }

    private func byChoice(_ tokens: [Int], _ topK: Int) -> [Int] {
        (0..<topK).flatMap { choice in tokens.map { $0 * topK + choice } }
    }

    /// The numbers in ascending order of key, equal keys by number.
    private func sorted(_ numbers: [Int], by key: (Int) -> Double) -> [Int] {
        numbers.map { (key: key($0), number: $0) }
            .sorted { ($0.key, $0.number) < ($1.key, $1.number) }
            .map(\.number)
    }
}
