"""Integer arrays as text, and the error bound of quantised values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from pydantic import ValidationError

from artefacts.packing import dequantise, pack, quantisation_error, quantise, smallest_unsigned, unpack
from artefacts.schemas.parts import PackedArray

DTYPES = ("uint8", "uint16", "uint32", "int8", "int16", "int32")


@given(st.sampled_from(DTYPES).flatmap(lambda dtype: arrays(dtype, array_shapes(min_dims=1, max_dims=3, min_side=0))))
def test_unpacking_gives_back_what_was_packed(values: np.ndarray) -> None:
    packed = PackedArray.model_validate_json(pack(values).model_dump_json())
    again = unpack(packed)
    assert again.dtype == values.dtype
    np.testing.assert_array_equal(again, values)


def test_bytes_are_little_endian_whatever_the_array_was() -> None:
    assert pack(np.array([1, 256], dtype=">u2")).base64 == pack(np.array([1, 256], dtype="<u2")).base64 == "AQAAAQ=="


def test_a_transposed_array_is_packed_in_reading_order() -> None:
    values = np.arange(6, dtype=np.uint8).reshape(2, 3).T
    np.testing.assert_array_equal(unpack(pack(values)), values)


def test_bytes_that_do_not_fit_the_shape_are_refused() -> None:
    packed = pack(np.arange(6, dtype=np.uint8))
    with pytest.raises(ValueError, match="reshape"):
        unpack(packed.model_copy(update={"shape": [7]}))
    with pytest.raises(ValueError):
        unpack(packed.model_copy(update={"base64": packed.base64[:-1] + "!"}))


def test_floats_have_no_packed_form() -> None:
    with pytest.raises(ValidationError):
        pack(np.zeros(3, dtype=np.float32))


@pytest.mark.parametrize(("maximum", "name"), [(0, "uint8"), (255, "uint8"), (256, "uint16"), (65535, "uint16"), (65536, "uint32")])
def test_smallest_type_that_holds_the_maximum(maximum: int, name: str) -> None:
    assert smallest_unsigned(maximum).name == name


@given(
    st.floats(-1e3, 1e3).flatmap(
        lambda low: st.floats(0.01, 1e3).flatmap(
            lambda width: st.tuples(
                st.just(low), st.just(low + width), arrays(np.float64, 20, elements=st.floats(low, low + width))
            )
        )
    )
)
def test_quantisation_error_is_within_its_bound(case: tuple[float, float, np.ndarray]) -> None:
    low, high, values = case
    error = np.abs(dequantise(quantise(values, low, high), low, high) - values)
    assert error.max() <= quantisation_error(low, high) * (1 + 1e-6) + 1e-12 * max(abs(low), abs(high))


def test_the_ends_are_kept_and_what_lies_outside_is_put_on_them() -> None:
    assert quantise(np.array([-5, -1, 1, 5]), -1, 1).tolist() == [0, 0, 65535, 65535]
    assert dequantise(np.array([0, 65535], dtype=np.uint16), -1, 1).tolist() == [-1, 1]
