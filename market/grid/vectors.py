"""Vectors of LANES floats for kernels: each operation is one LLVM instruction on <LANES x double> or <LANES x float>.

LLVM would not make vectors of plain loops over the lanes: with several arrays in play it can't tell whether they overlap.
Strict IEEE: no operation is fused, reordered or approximated by the compiler, so the bits are the same on every CPU.

Tiles are arrays (tiles, rows, 2, LANES), C-contiguous, float64 or float32; their dtype is the vector's. No bounds are checked.
In a kernel: ``load``, ``store``, ``fill`` (a number in all lanes), ``gather``, ``scatter`` and ``scatter_pairs`` (a
column of a table, a row for each lane), ``widen`` and ``narrow``, ``+ - * /``, unary ``-``, ``> >=`` and ``==`` (a :class:`Mask`; False where either is nan), ``~ & |`` of masks, ``select``,
``square_root``, ``multiply_add``, ``to_bits`` and ``from_bits`` (lane k is bit k), ``lane_of``.
"""

import operator
from collections.abc import Callable, Iterator
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, lower_builtin, models, register_model, type_callable

LANES = 16
"""Measured: 8 wait for each other's results, 32 spill registers; 16 are the quickest for 15 to 500 buses."""
ALL_LANES = (1 << LANES) - 1
RE, IM = 0, 1
"""Third axis of a tile: real and imaginary part."""

_FLOATS = {types.float64: ir.DoubleType(), types.float32: ir.FloatType()}
_BYTES = {types.float64: 8, types.float32: 4}


class Vector(types.Type):  # type: ignore[misc]  # numba has no types
    """LANES floats of a numba type."""

    def __init__(self, dtype: Any) -> None:
        self.dtype = dtype
        super().__init__(name=f"Vector({LANES} x {dtype})")


class Mask(types.Type):  # type: ignore[misc]  # numba has no types
    """LANES bools."""

    def __init__(self) -> None:
        super().__init__(name=f"Mask({LANES})")


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):  # type: ignore[misc]  # numba has no types
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _vector_type(kind))


@register_model(Mask)
class _MaskModel(models.PrimitiveModel):  # type: ignore[misc]  # numba has no types
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _BOOLS)


_BOOLS = ir.VectorType(ir.IntType(1), LANES)
_DOUBLES, _SINGLES, _MASK = Vector(types.float64), Vector(types.float32), Mask()


def _vector_type(kind: Vector) -> ir.VectorType:
    return ir.VectorType(_FLOATS[kind.dtype], LANES)


def _in_all_lanes(builder: ir.IRBuilder, scalar: ir.Value, of: ir.VectorType) -> ir.Value:
    nothing = ir.Constant(of, ir.Undefined)
    first = builder.insert_element(nothing, scalar, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(
        first, nothing, ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    )


def _indices(context: Any, builder: ir.IRBuilder, signature: Any, values: Any, count: int) -> list[ir.Value]:
    """The ``count`` arguments after the first, an array."""
    kinds = signature.args[1 : 1 + count]
    return [
        context.cast(builder, value, kind, types.intp) for value, kind in zip(values[1:], kinds, strict=False)
    ]


def _address(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> ir.Value:
    """Where the vector at [tile, row, part, :] begins."""
    tiles = context.make_array(signature.args[0])(context, builder, values[0])
    tile, row, part = _indices(context, builder, signature, values, 3)
    row = builder.add(builder.mul(tile, builder.extract_value(tiles.shape, 1)), row)
    row = builder.add(builder.shl(row, ir.Constant(row.type, 1)), part)
    first = builder.gep(tiles.data, [builder.mul(row, ir.Constant(row.type, LANES))])
    return builder.bitcast(first, _vector_type(Vector(signature.args[0].dtype)).as_pointer())


def _down_the_column(
    context: Any, builder: ir.IRBuilder, signature: Any, values: Any, depth: int
) -> Iterator[ir.Value]:
    """Where [row + lane, column] begins for each lane, in a table with ``depth`` numbers in each place."""
    table = context.make_array(signature.args[0])(context, builder, values[0])
    row, column = _indices(context, builder, signature, values, 2)
    n_columns = builder.extract_value(table.shape, 1)
    place = builder.add(builder.mul(row, n_columns), column)
    for _ in range(LANES):
        yield builder.gep(table.data, [builder.mul(place, ir.Constant(place.type, depth))])
        place = builder.add(place, n_columns)


@intrinsic
def load(typing_context: Any, tiles: Any, tile: Any, row: Any, part: Any) -> Any:
    """The vector at ``tiles[tile, row, part]``."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> ir.Value:
        return builder.load(_address(context, builder, signature, values), align=_BYTES[tiles.dtype])

    return Vector(tiles.dtype)(tiles, tile, row, part), build


@intrinsic
def store(typing_context: Any, tiles: Any, tile: Any, row: Any, part: Any, vector: Any) -> Any:
    """Write ``vector`` to ``tiles[tile, row, part]``."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> ir.Value:
        address = _address(context, builder, signature, values)
        builder.store(values[4], address, align=_BYTES[tiles.dtype])
        return context.get_dummy_value()

    return types.void(tiles, tile, row, part, Vector(tiles.dtype)), build


@intrinsic
def fill(typing_context: Any, tiles: Any, number: Any) -> Any:
    """``number`` in all lanes, as precise as the tiles."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> ir.Value:
        scalar = context.cast(builder, values[1], types.float64, tiles.dtype)
        return _in_all_lanes(builder, scalar, _vector_type(signature.return_type))

    return Vector(tiles.dtype)(tiles, types.float64), build


@intrinsic
def gather(typing_context: Any, table: Any, row: Any, column: Any) -> Any:
    """``table[row + lane, column]`` for each lane, from a C-contiguous table."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> ir.Value:
        vector = ir.Constant(_vector_type(signature.return_type), ir.Undefined)
        for lane, address in enumerate(_down_the_column(context, builder, signature, values, 1)):
            vector = builder.insert_element(vector, builder.load(address), ir.Constant(ir.IntType(32), lane))
        return vector

    return Vector(table.dtype)(table, row, column), build


@intrinsic
def scatter(typing_context: Any, table: Any, row: Any, column: Any, vector: Any) -> Any:
    """Write each lane to ``table[row + lane, column]`` of a C-contiguous table."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> ir.Value:
        for lane, address in enumerate(_down_the_column(context, builder, signature, values, 1)):
            number = builder.extract_element(values[3], ir.Constant(ir.IntType(32), lane))
            builder.store(number, address)
        return context.get_dummy_value()

    return types.void(table, row, column, Vector(table.dtype)), build


@intrinsic
def scatter_pairs(typing_context: Any, table: Any, row: Any, column: Any, first: Any, second: Any) -> Any:
    """Write both vectors to ``table[row + lane, column, 0]`` and ``[..., 1]`` of a C-contiguous table (rows, columns, 2)."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> ir.Value:
        pair = ir.VectorType(_FLOATS[table.dtype], 2)
        for lane, address in enumerate(_down_the_column(context, builder, signature, values, 2)):
            both = ir.Constant(ir.VectorType(ir.IntType(32), 2), [lane, LANES + lane])
            numbers = builder.shuffle_vector(values[3], values[4], both)
            builder.store(numbers, builder.bitcast(address, pair.as_pointer()), align=_BYTES[table.dtype])
        return context.get_dummy_value()

    vector = Vector(table.dtype)
    return types.void(table, row, column, vector, vector), build


@intrinsic
def widen(typing_context: Any, vector: Any) -> Any:
    """A float32 vector as float64."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> ir.Value:
        return builder.fpext(values[0], _vector_type(_DOUBLES))

    return _DOUBLES(_SINGLES), build


@intrinsic
def narrow(typing_context: Any, vector: Any) -> Any:
    """A float64 vector as float32."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> ir.Value:
        return builder.fptrunc(values[0], _vector_type(_SINGLES))

    return _SINGLES(_DOUBLES), build


@intrinsic
def select(typing_context: Any, mask: Any, here: Any, elsewhere: Any) -> Any:
    """``here`` in the lanes of the mask, ``elsewhere`` in the others."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> ir.Value:
        return builder.select(*values)

    return here(_MASK, here, here), build


def _call(builder: ir.IRBuilder, name: str, kind: Vector, values: Any) -> ir.Value:
    """LLVM's own function on vectors of one kind."""
    vector = _vector_type(kind)
    function = cgutils.get_or_insert_function(
        builder.module,
        ir.FunctionType(vector, [vector] * len(values)),
        f"llvm.{name}.v{LANES}f{8 * _BYTES[kind.dtype]}",
    )
    return builder.call(function, values)


@intrinsic
def square_root(typing_context: Any, vector: Any) -> Any:
    """Square root of each lane, correctly rounded."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> ir.Value:
        return _call(builder, "sqrt", vector, values)

    return vector(vector), build


@intrinsic
def multiply_add(typing_context: Any, x: Any, y: Any, z: Any) -> Any:
    """x y + z, rounded once: an IEEE operation, so the bits don't depend on the CPU; one without it takes a library's.

    Measured: sweeps take 0.87 of the time that they take with products and sums of their own.
    """

    def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> ir.Value:
        return _call(builder, "fma", x, values)

    return x(x, x, x), build


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
    """The number in one lane."""

    def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> ir.Value:
        return builder.extract_element(values[0], values[1])

    return vector.dtype(vector, types.intp), build


def _operation(symbol: Callable[..., Any], of: type, result: Any, name: str, *leading: str) -> None:
    """Let ``symbol`` on two of a type be the IR builder's instruction ``name``; result None: of the same type."""

    @type_callable(symbol)
    def infer(context: Any) -> Callable[..., Any]:
        def of_two(x: Any, y: Any) -> Any:
            return (result or x) if isinstance(x, of) and x == y else None

        return of_two

    @lower_builtin(symbol, of, of)
    def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> ir.Value:
        return getattr(builder, name)(*leading, *values)


def _operation_on_one(symbol: Callable[..., Any], of: type, name: str) -> None:
    """Let ``symbol`` on one of a type be the IR builder's instruction ``name``."""

    @type_callable(symbol)
    def infer(context: Any) -> Callable[..., Any]:
        def of_one(x: Any) -> Any:
            return x if isinstance(x, of) else None

        return of_one

    @lower_builtin(symbol, of)
    def build(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> ir.Value:
        return getattr(builder, name)(*values)


_operation(operator.add, Vector, None, "fadd")
_operation(operator.sub, Vector, None, "fsub")
_operation(operator.mul, Vector, None, "fmul")
_operation(operator.truediv, Vector, None, "fdiv")
_operation(operator.gt, Vector, _MASK, "fcmp_ordered", ">")
_operation(operator.ge, Vector, _MASK, "fcmp_ordered", ">=")
_operation(operator.eq, Vector, _MASK, "fcmp_ordered", "==")
_operation(operator.and_, Mask, _MASK, "and_")
_operation(operator.or_, Mask, _MASK, "or_")
_operation_on_one(operator.neg, Vector, "fneg")
_operation_on_one(operator.invert, Mask, "not_")
