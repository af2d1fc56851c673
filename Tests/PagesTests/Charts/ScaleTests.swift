import Testing

@testable import Pages

@Suite struct ScaleTests {
    @Test(arguments: [
        ([0.0, 7.3], ["0", "2", "4", "6", "8"]), ([0, 100.0000000001], ["0", "20", "40", "60", "80", "100"]),
        ([0, 0.034], ["0.00", "0.01", "0.02", "0.03", "0.04"]), ([0, 64373], ["0", "20k", "40k", "60k", "80k"]),
        ([0, 3.2e6], ["0", "1M", "2M", "3M", "4M"]), ([], ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
    ])
    func linearTicksAreRound(values: [Double], labels: [String]) {
        let scale = AxisScale(over: values, fromZero: true)
        #expect(scale.ticks.map(scale.label) == labels)
    }

    @Test func aLogarithmicScaleHasPowersOfTwo() {
        let scale = AxisScale(over: [1, 2, 3, 16], kind: .logarithmic)
        #expect(scale.ticks == [1, 2, 4, 8, 16])
        #expect(scale.place(1) == 0 && scale.place(4) == 0.5 && scale.place(16) == 1)
        #expect(AxisScale(over: [0.3, 1], kind: .logarithmic).ticks == [0.25, 0.5, 1])
    }

    @Test func everyValueHasAPlace() {
        for values in [
            [3.0, 3.0], [-5, 12], [1e-12, 2e-12], [0], [1e15, 3e15], [1.3, 1.3.nextUp],
            [-1e300, 1e300], [0.1, 0.1.nextDown, 0.1.nextUp], [.infinity, 2], [.nan],
        ] {
            for kind in [AxisScale.Kind.linear, .logarithmic] {
                let scale = AxisScale(over: values, kind: kind)
                #expect(scale.ticks.count >= 2, "\(values)")
                for value in values where value.isFinite && (kind == .linear || value > 0) {
                    #expect((0...1).contains(scale.place(value)), "\(value) of \(values)")
                }
            }
        }
    }

    @Test func coordinatesAreShort() {
        #expect(Coordinate.short(12.04) == "12")
        #expect(Coordinate.short(12.06) == "12.1")
        #expect(Coordinate.short(-0.3) == "-0.3")
        #expect(Coordinate.percent(0.12345) == "12.35%" || Coordinate.percent(0.12345) == "12.34%")
    }

    @Test func viridisIsTheOneOfMatplotlib() {
        // matplotlib 3.8, viridis(0), viridis(255) and viridis(128), rounded to 8 bits.
        #expect(Viridis.color(step: 0) == "#440154")
        #expect(Viridis.color(step: Viridis.steps - 1) == "#fde725")
        #expect(Viridis.step(-1) == 0 && Viridis.step(2) == Viridis.steps - 1)
    }
}
