import Testing

@testable import Sweeps

@Suite struct ParetoFrontTests {
    private struct Point: Equatable {
        let cost: Double
        let gain: Double
    }

    private func front(_ points: [Point]) -> [Point] { ParetoFront.of(points, cost: \.cost, gain: \.gain) }

    @Test func nothingOnTheFrontIsBeatenAndNothingElseIsUnbeaten() {
        let points = (0..<200).map { Point(cost: Double($0 * 37 % 101), gain: Double($0 * 61 % 89)) }
        let found = front(points)
        func beats(_ a: Point, _ b: Point) -> Bool {
            a.cost <= b.cost && a.gain >= b.gain && a != b
        }
        for point in points {
            #expect(found.contains(point) == !points.contains { beats($0, point) })
        }
        #expect(found.map(\.cost) == found.map(\.cost).sorted())
    }

    @Test func equalPointsAreAllOnTheFront() {
        let point = Point(cost: 1, gain: 2)
        #expect(front([point, point, Point(cost: 2, gain: 2)]) == [point, point])
        #expect(front([]) == [])
    }
}
