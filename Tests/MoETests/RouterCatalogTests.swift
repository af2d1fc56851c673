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
        #expect(rule.losses == [LossTerm(.switchAuxiliary(.one), 0.01)] && rule.capacity == capacity)
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
}
