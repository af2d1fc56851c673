import MoE
import Testing

@Suite("Router catalogue")
struct RouterCatalogTests {
    @Test func namesMakeTheirRouters() throws {
        let capacity = CapacityRule(factor: 1.5, minimum: 3)
        let options = RouterOptions(
            topK: 3,
            normalize: false,
            scale: 2.5,
            auxiliaryLoss: 0.01,
            noiseEpsilon: 0.02,
            importanceLoss: 0.3,
            loadLoss: 0.4,
            capacity: capacity
        )
        let softmax = try RouterCatalog.router(named: "softmax-top-k", options: options)
        let rule = try #require(softmax as? TopKRouter).rule
        #expect(rule.topK == 3 && rule.normalization == nil && rule.scale == 2.5)
        #expect(rule.losses == [LossTerm(.switchAuxiliary(.one), 0.01), LossTerm(.importance, 0.3)])
        #expect(rule.capacity == capacity)
        let noisy = try RouterCatalog.router(named: "noisy-top-k", options: options)
        let asNoisy = try #require(noisy as? NoisyTopKRouter)
        #expect(asNoisy.topK == 3 && asNoisy.noiseEpsilon == 0.02 && asNoisy.capacity == capacity)
        #expect(asNoisy.importanceLoss == 0.3 && asNoisy.loadLoss == 0.4)
        let replay = try RouterCatalog.router(named: "replay", options: options)
        #expect((replay as? ReplayRouter)?.capacity == capacity)
    }

    @Test func anUnknownNameListsTheKnownOnes() {
        let names = RouterCatalog.entries.map(\.name).joined(separator: ", ")
        let message = "there is no router 'top-k'; allowed are \(names)"
        #expect(throws: RoutingError(message)) {
            try RouterCatalog.router(named: "top-k", options: RouterOptions())
        }
    }

    @Test func entriesHaveDifferentNamesAndASummary() {
        #expect(Set(RouterCatalog.entries.map(\.name)).count == RouterCatalog.entries.count)
        #expect(RouterCatalog.entries.allSatisfy { !$0.summary.isEmpty })
    }

    @Test func everyEntrySaysWhereItComesFrom() {
        for entry in RouterCatalog.entries {
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
        var options = RouterOptions(auxiliaryLoss: 0.5)
        (options.capacityFactor, options.minimumCapacity, options.order) = (2, 1, .random)
        (options.overflow, options.further, options.zLoss) = (.nextChoices(2), .all, 0.25)
        var expected = row
        expected.capacity?.size = .tokens(2)
        expected.capacity?.minimum = 1
        expected.capacity?.order = .random
        expected.capacity?.overflow = .nextChoices(2)
        expected.further = .all
        expected.losses = [LossTerm(.firstChoice, 0.5), LossTerm(.routerZ, 0.25)]
        #expect(row.applying(options) == expected)
        #expect(row.applying(RouterOptions(normalize: false)).normalization == nil)
        #expect(row.applying(RouterOptions(normalize: true)).normalization == row.normalization)
        #expect(row.applying(RouterOptions(dropsNothing: true)).capacity == nil)
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
}
