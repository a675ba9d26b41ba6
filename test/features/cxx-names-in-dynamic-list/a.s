	.text
	.globl	_start, _ZN3app4openEi, _ZN3app5closeEv, _ZN3lib4openEv, plain, other
_start: ret
_ZN3app4openEi: ret
_ZN3app5closeEv: ret
_ZN3lib4openEv: ret
plain: ret
other: ret
