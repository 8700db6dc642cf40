"""Vectors of LANES float64 for kernels: each operation is one LLVM instruction on <LANES x double>.

LLVM would not make vectors of plain loops over the lanes: with several arrays in play it can't tell whether they overlap.
Strict IEEE: no operation is fused, reordered or approximated by the compiler, so the bits are the same on every CPU.

In a kernel: ``load`` and ``store`` (arrays (tiles, rows, 2, LANES), C-contiguous; no bounds are checked), ``vector(x)`` (x in
all lanes), ``+ - * /`` and unary ``-``, ``> >= ==`` (a :class:`Mask`; False where either is nan), ``~ & |`` of masks,
``select``, ``square_root``, ``is_number``, ``to_bits`` and ``from_bits`` (lane k is bit k), ``lane_of``.
"""

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, lower_builtin, models, register_model, type_callable

LANES = 16
ALL_LANES = (1 << LANES) - 1
RE, IM = 0, 1
"""Third axis of a tile: real and imaginary part."""

_BYTES = 8
_DOUBLES = ir.VectorType(ir.DoubleType(), LANES)
_BOOLS = ir.VectorType(ir.IntType(1), LANES)


class Vector(types.Type):  # type: ignore[misc]  # numba has no types
    """LANES float64."""

    def __init__(self) -> None:
        super().__init__(name=f"Vector({LANES})")


class Mask(types.Type):  # type: ignore[misc]  # numba has no types
    """LANES bools."""

    def __init__(self) -> None:
        super().__init__(name=f"Mask({LANES})")


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):  # type: ignore[misc]  # numba has no types
    def __init__(self, manager: Any, numba_type: types.Type) -> None:
        super().__init__(manager, numba_type, _DOUBLES)


@register_model(Mask)
class _MaskModel(models.PrimitiveModel):  # type: ignore[misc]  # numba has no types
    def __init__(self, manager: Any, numba_type: types.Type) -> None:
        super().__init__(manager, numba_type, _BOOLS)


_VECTOR, _MASK = Vector(), Mask()


def _splat(builder: ir.IRBuilder, scalar: ir.Value, of: ir.VectorType) -> ir.Value:
    first = builder.insert_element(ir.Constant(of, ir.Undefined), scalar, ir.Constant(ir.IntType(32), 0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(first, ir.Constant(of, ir.Undefined), zeros)


def _address(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> ir.Value:
    """Where the vector at [tile, row, part, :] begins."""
    array = context.make_array(signature.args[0])(context, builder, values[0])
    _, rows, parts, _ = (builder.extract_value(array.shape, axis) for axis in range(4))
    tile, row, part = (
        context.cast(builder, value, kind, types.intp)
        for value, kind in zip(values[1:4], signature.args[1:4], strict=True)
    )
    row = builder.add(builder.mul(tile, rows), row)
    row = builder.add(builder.mul(row, parts), part)
    first = builder.gep(array.data, [builder.mul(row, ir.Constant(row.type, LANES))])
    return builder.bitcast(first, _DOUBLES.as_pointer())


@intrinsic
def load(typing_context: Any, array: Any, tile: Any, row: Any, part: Any) -> Any:
    """The vector at ``array[tile, row, part]``."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> ir.Value:
        return builder.load(_address(context, builder, signature, values), align=_BYTES)

    return _VECTOR(array, tile, row, part), build


@intrinsic
def store(typing_context: Any, array: Any, tile: Any, row: Any, part: Any, vector: Any) -> Any:
    """Write ``vector`` to ``array[tile, row, part]``."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> ir.Value:
        builder.store(values[4], _address(context, builder, signature, values), align=_BYTES)
        return context.get_dummy_value()

    return types.void(array, tile, row, part, vector), build


@intrinsic
def vector(typing_context: Any, scalar: Any) -> Any:
    """``scalar`` in all lanes."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> ir.Value:
        return _splat(builder, values[0], _DOUBLES)

    return _VECTOR(types.float64), build


@intrinsic
def select(typing_context: Any, mask: Any, here: Any, elsewhere: Any) -> Any:
    """``here`` in the lanes of the mask, ``elsewhere`` in the others."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> ir.Value:
        return builder.select(*values)

    return _VECTOR(_MASK, _VECTOR, _VECTOR), build


@intrinsic
def square_root(typing_context: Any, vector: Any) -> Any:
    """Square root of each lane, correctly rounded."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> ir.Value:
        kind = ir.FunctionType(_DOUBLES, [_DOUBLES])
        name = f"llvm.sqrt.v{LANES}f64"
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), values)

    return _VECTOR(_VECTOR), build


@intrinsic
def is_number(typing_context: Any, vector: Any) -> Any:
    """Where a lane isn't nan."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> ir.Value:
        return builder.fcmp_ordered("ord", values[0], values[0])

    return _MASK(_VECTOR), build


@intrinsic
def to_bits(typing_context: Any, mask: Any) -> Any:
    """The mask as an integer: lane k is bit k."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> ir.Value:
        return builder.zext(builder.bitcast(values[0], ir.IntType(LANES)), ir.IntType(64))

    return types.int64(_MASK), build


@intrinsic
def from_bits(typing_context: Any, bits: Any) -> Any:
    """The mask of an integer: lane k is bit k."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> ir.Value:
        return builder.bitcast(builder.trunc(values[0], ir.IntType(LANES)), _BOOLS)

    return _MASK(types.int64), build


@intrinsic
def lane_of(typing_context: Any, vector: Any, lane: Any) -> Any:
    """The float64 in one lane."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> ir.Value:
        return builder.extract_element(values[0], values[1])

    return types.float64(_VECTOR, types.intp), build


def _operation(
    symbol: Callable[..., Any], operands: int, operand: Any, result: Any, name: str, *leading: str
) -> None:
    """Let ``symbol`` on ``operands`` of a type be the IR builder's instruction ``name``."""

    @type_callable(symbol)
    def type_it(context: Any) -> Callable[..., Any]:
        def one(x: Any) -> Any:
            return result if x == operand else None

        def two(x: Any, y: Any) -> Any:
            return result if x == operand and y == operand else None

        return one if operands == 1 else two

    @lower_builtin(symbol, *[type(operand)] * operands)
    def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> ir.Value:
        return getattr(builder, name)(*leading, *values)


_operation(operator.add, 2, _VECTOR, _VECTOR, "fadd")
_operation(operator.sub, 2, _VECTOR, _VECTOR, "fsub")
_operation(operator.mul, 2, _VECTOR, _VECTOR, "fmul")
_operation(operator.truediv, 2, _VECTOR, _VECTOR, "fdiv")
_operation(operator.neg, 1, _VECTOR, _VECTOR, "fneg")
_operation(operator.gt, 2, _VECTOR, _MASK, "fcmp_ordered", ">")
_operation(operator.ge, 2, _VECTOR, _MASK, "fcmp_ordered", ">=")
_operation(operator.eq, 2, _VECTOR, _MASK, "fcmp_ordered", "==")
_operation(operator.and_, 2, _MASK, _MASK, "and_")
_operation(operator.or_, 2, _MASK, _MASK, "or_")
_operation(operator.invert, 1, _MASK, _MASK, "not_")
