import MoE
import Testing

@Suite("Router catalogue")
struct RouterCatalogueTests {
    @Test func namesMakeTheirRouters() throws {
        let capacity = CapacityRule(factor: 1.5, minimum: 3)
        var options = RouterOptions()
        (options.topK, options.normalize, options.scale, options.auxLoss) = (3, false, 2.5, 0.01)
        (options.noiseEpsilon, options.importanceLoss, options.loadLoss) = (0.02, 0.3, 0.4)
        (options.capacityFactor, options.minCapacity) = (1.5, 3)
        let softmax = try RouterCatalogue.router(named: "softmax-top-k", options: options)
        let rule = try #require(softmax as? TopKRouter).rule
        #expect(rule.topK == 3 && rule.normalization == nil && rule.scale == 2.5)
        #expect(rule.losses == [LossTerm(.switchAuxiliary(.one), 0.01), LossTerm(.importance, 0.3)])
        #expect(rule.capacity == capacity)
        let noisy = try RouterCatalogue.router(named: "noisy-top-k", options: options)
        let asNoisy = try #require(noisy as? NoisyTopKRouter)
        #expect(asNoisy.topK == 3 && asNoisy.noiseEpsilon == 0.02 && asNoisy.capacity == capacity)
        #expect(asNoisy.importanceLoss == 0.3 && asNoisy.loadLoss == 0.4)
        let replay = try RouterCatalogue.router(named: "replay", options: options)
        #expect((replay as? ReplayRouter)?.capacity == capacity)
    }

    @Test func anUnknownNameListsTheKnownOnes() {
        let names = RouterCatalogue.entries.map(\.name).joined(separator: ", ")
        let message = "there is no router 'top-k'; allowed are \(names)"
        #expect(throws: RoutingError(message)) {
            try RouterCatalogue.router(named: "top-k", options: RouterOptions())
        }
    }

    @Test func entriesHaveDifferentNamesAndASummary() {
        #expect(Set(RouterCatalogue.entries.map(\.name)).count == RouterCatalogue.entries.count)
        #expect(RouterCatalogue.entries.allSatisfy { !$0.summary.isEmpty })
    }

    @Test func everyEntrySaysWhereItComesFrom() {
        for entry in RouterCatalogue.entries {
            let texts = [entry.summary, entry.source, entry.loss, entry.drop, entry.usedBy]
            #expect(texts.allSatisfy { !$0.isEmpty }, "\(entry.name)")
        }
    }

    @Test func rowsDescribeThemselves() throws {
        let rule = try #require(RouterFamily.named("deepseek-v3")).rule
        #expect(
            rule.summary
                == "sigmoid, top-8, selected with a bias, within 4 of 8 groups, divided by the sum, times 2.5"
        )
        #expect(rule.lossSummary == "sequence balance 0.0001" && rule.dropSummary == "nothing")
        let switchRule = try #require(RouterFamily.named("switch")).rule
        #expect(switchRule.dropSummary == "over 1.25 S / E, at least 4, by position")
    }

    @Test func optionsChangeARowAndNothingElse() throws {
        let row = try #require(RouterFamily.named("mesh-top-2")).rule
        #expect(row.applying(RouterOptions()) == row)
        var options = RouterOptions()
        options.auxLoss = 0.5
        (options.capacityFactor, options.minCapacity, options.drop) = (2, 1, .by(.random))
        (options.nextChoices, options.further, options.zLoss) = (2, .all, 0.25)
        var expected = row
        expected.capacity?.size = .tokens(2)
        expected.capacity?.minimum = 1
        expected.capacity?.order = .random
        expected.capacity?.overflow = .nextChoices(2)
        expected.further = .all
        expected.losses = [LossTerm(.firstChoice, 0.5), LossTerm(.routerZ, 0.25)]
        #expect(row.applying(options) == expected)
        func applying(_ change: (inout RouterOptions) -> Void) -> TopKRule {
            var options = RouterOptions()
            change(&options)
            return row.applying(options)
        }
        #expect(applying { $0.normalize = false }.normalization == nil)
        #expect(applying { $0.normalize = true }.normalization == row.normalization)
        #expect(applying { $0.drop = DropPolicy.none }.capacity == nil)
    }

    @Test func devicesReachTheDropAndTheLosses() throws {
        var options = RouterOptions()
        (options.groups, options.groupsKept, options.deviceFactor) = (4, 2, 1.5)
        let rule = try #require(RouterFamily.named("deepseek-v2")).rule.applying(options)
        #expect(rule.deviceDrop == DeviceDrop(devices: 4, factor: 1.5))
        #expect(rule.losses.map(\.rule).contains(.device(4)))
        #expect(rule.losses.map(\.rule).contains(.communication(devices: 4, limit: 2)))
        (options.groups, options.groupsKept) = (1, nil)
        #expect(try #require(RouterFamily.named("deepseek-v3")).rule.applying(options).groups == nil)
    }

    /// Options with every property set to something that no row has.
    private static let all: [(any PartialKeyPath<RouterOptions> & Sendable, @Sendable (inout RouterOptions) -> Void)] =
        [
            (\.topK, { $0.topK = 3 }), (\.normalize, { $0.normalize = $0.normalize == nil }),
            (\.scale, { $0.scale = 7 }), (\.training, { $0.training = false }),
            (\.drop, { ($0.drop, $0.minCapacity) = (.by(.random), 77) }),
            (\.capacityFactor, { $0.capacityFactor = 3 }), (\.noiseEpsilon, { $0.noiseEpsilon = 5 }),
            (\.importanceLoss, { $0.importanceLoss = 5 }), (\.loadLoss, { $0.loadLoss = 5 }),
            (\.jitter, { $0.jitter = 0.5 }),
            (\.hierarchyGroups, { $0.hierarchyGroups = 3 }), (\.hashes, { $0.hashes = 5 }), (\.zLoss, { $0.zLoss = 5 }),
            (\.softcap, { $0.softcap = 5 }), (\.groups, { ($0.groups, $0.groupsKept) = (16, 7) }),
            (\.biasForm, { $0.biasForm = .multiplied }), (\.blockRows, { $0.blockRows = 7 }),
            (\.deviceLoss, { $0.deviceLoss = 5 }), (\.further, { $0.further = FurtherPolicy.none }),
        ]

    @Test func readOptionsChangeARouterAndOthersDoNot() {
        for entry in RouterCatalogue.entries {
            let plain = String(describing: entry.make(RouterOptions()))
            for (option, set) in Self.all {
                var options = RouterOptions()
                set(&options)
                let isChanged = String(describing: entry.make(options)) != plain
                let isRead = entry.reads(option)
                // Normalising again, and evaluation without anything to leave out, change nothing.
                if isRead && [\.normalize, \.training].contains(option) { continue }
                #expect(isChanged == isRead, "\(entry.name), \(option)")
            }
        }
    }

    @Test func everyRouterChecksItselfWithoutTokens() throws {
        for entry in RouterCatalogue.entries { try entry.make(RouterOptions()).check(experts: 256) }
        let message = "top-k is 8; allowed are 1 to 4, the number of experts"
        #expect(throws: RoutingError(message)) {
            try RouterCatalogue.router(named: "olmoe", options: RouterOptions()).check(experts: 4)
        }
    }

    @Test func capacitiesAreInTheUnitOfTheFamily() throws {
        func size(_ name: String, _ factor: Double?, _ unit: CapacityUnit? = nil) throws -> CapacityRule.Size? {
            var options = RouterOptions()
            (options.capacityFactor, options.capacityOf) = (factor, unit)
            let router = try RouterCatalogue.router(named: name, options: options)
            return (router as? TopKRouter)?.rule.capacity?.size
        }
        #expect(try size("switch", 2) == .tokens(2) && size("gshard", 2) == .copies(2))
        #expect(try size("nllb", 1.5) == .roundedTokens(1.5) && size("switch-transformers", 8) == .slots(8))
        #expect(try size("nllb", nil, .copies) == .copies(2) && size("mixtral", 2) == .copies(2))
        let message = "the capacity factor is 1.5 of slots; allowed is a whole number above 0"
        #expect(throws: RoutingError(message)) { try size("switch-transformers", 1.5) }
        for unit in CapacityUnit.allCases {
            #expect(CapacityRule.Size(2, unit)?.unit == unit && CapacityRule.Size(2, unit)?.number == 2)
            #expect(CapacityRule.Size(0, unit) == nil && CapacityRule.Size(.infinity, unit) == nil)
        }
    }

    @Test(arguments: FurtherPolicy.allCases)
    func policiesHaveTheirThresholds(policy: FurtherPolicy) {
        let choices = FurtherChoices(policy, threshold: 0.3)
        #expect(choices.policy == policy && choices.threshold == (policy.hasThreshold ? 0.3 : nil))
    }
}
