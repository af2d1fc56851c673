import Basics
import Testing

@Suite("Numbers as text")
struct FixedPointTests {
    @Test(arguments: [
        (0.0, 3, "0.000"), (-0.0, 1, "0.0"), (1.0, 0, "1"), (2.5, 0, "3"), (-2.5, 0, "-3"), (0.125, 2, "0.13"),
        (-0.001, 2, "0.00"), (1234.5678, 3, "1234.568"), (0.999, 2, "1.00"), (7, 12, "7.000000000"), (7.4, -1, "7"),
        (1e300, 2, "1e+300"), (.infinity, 2, "inf"), (.nan, 2, "nan"), (9_007_199_254_740_991, 0, "9007199254740991"),
    ])
    func fixedDecimals(value: Double, decimals: Int, text: String) {
        #expect(FixedPoint.text(value, decimals: decimals) == text)
    }

    @Test(arguments: [
        (0.1, 6, "0.1"), (83657.4, 5, "83657"), (100, 5, "100"), (1.25, 3, "1.25"), (0, 3, "0"), (12.345, 3, "12.3"),
        (-2.50, 4, "-2.5"), (1e300, 3, "1e+300"), (120, 1, "120"),
    ])
    func significantDigits(value: Double, digits: Int, text: String) {
        #expect(FixedPoint.text(value, significant: digits) == text)
    }

    @Test(arguments: [
        (0.0374, "3.7e-2"), (6.93e-7, "6.9e-7"), (0, "0"), (1, "1.0e0"), (0.0996, "1.0e-1"), (-12.34, "-1.2e1"),
        (.infinity, "inf"),
    ])
    func powersOfTen(value: Double, text: String) {
        #expect(FixedPoint.scientific(value) == text)
    }
}
