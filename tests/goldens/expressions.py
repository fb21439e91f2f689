"""Expressions over tensors of rows and of strings, and how they print: recorded from TensorFlow, asked of Thalweg.

`record_expressions.py` writes `data/expressions.json`; `test_expressions.py` reads it. An expression that raises is recorded by the
name of its error. `SETUP` is what they may use.
"""

SETUP = """
s = ["Hello", "", " a b ", "größe", "x" * 70, "y" * 33, "z" * 20]
rs = tf.ragged.constant([["a b", "c"], [], ["d e f"]])
rt = tf.ragged.constant([[1, 2], [], [3, 4, 5]])
rt3 = tf.ragged.constant([[[1, 2], [3]], [[4]], []])
rf = tf.cast(rt, tf.float32)
D = tf.data.Dataset
tnp = tf.experimental.numpy
"""

RAGGED = r"""
rt
rt+1
1-rt
rt*rt
rt/2
rt//2
-rt
rt>2
rt==rt
rt!=3
rt[0]
rt[1]
rt[-1]
rt[5]
rt[1:]
rt[:,1:]
rt[:,-1:]
rt[:, ::-1]
rt[::2]
rt[::-1]
rt[3:]
rt[:,1]
rt[...,:1]
rt[tf.newaxis]
rt[:,tf.newaxis]
rt[:,:,tf.newaxis]
rt[2,1]
rt3[0]
rt3[0,1]
rt3[:,:1]
rt3[:,:,1:]
rt3[0,:,0:1]
rt3[...,0:1]
rt.shape
rt3.shape
rt.to_tensor()
rt.to_tensor(9)
rt.to_tensor(shape=[4,2])
rt.to_tensor(shape=[None,5])
rt3.to_tensor()
rt3.to_tensor(7, shape=[2,3,1])
rt.to_sparse()
rt3.to_sparse()
rt.to_list()
rt.numpy()
rt3.numpy()
rt.row_splits
rt.value_rowids()
rt.row_lengths()
rt3.row_lengths(axis=2)
rt.nrows()
rt3.nested_row_lengths()
rt3.nested_value_rowids()
rt.bounding_shape()
rt3.bounding_shape(axis=2)
rt3.merge_dims(0,1)
rt3.merge_dims(1,2)
rt3.merge_dims(0,2)
rt3.flat_values
rt3.ragged_rank
rt.uniform_row_length
tf.reduce_sum(rt)
tf.reduce_sum(rt,1)
tf.reduce_sum(rt,0)
tf.reduce_sum(rt,axis=1,keepdims=True)
tf.reduce_max(rt,1)
tf.reduce_mean(rf,1)
tf.reduce_mean(rt,1)
tf.reduce_prod(rt,1)
tf.reduce_any(rt>2,1)
tf.reduce_all(rt>2,1)
tf.reduce_sum(rt3,2)
tf.reduce_sum(rt3,1)
tf.reduce_sum(rt3,0)
tf.reduce_sum(rt3,[1,2])
tf.math.reduce_std(rf,1)
tf.math.reduce_variance(rf,1)
tf.concat([rt,rt],0)
tf.concat([rt,rt],1)
tf.concat([rt,tf.constant([[7],[8],[9]])],1)
tf.concat([rt3,rt3],2)
tf.stack([rt,rt])
tf.stack([rt,rt],axis=1)
tf.ragged.stack([tf.constant([1]),tf.constant([2,3])])
tf.ragged.stack([rt,rt[:1]])
tf.gather(rt,[2,0])
tf.gather(rt,[[2],[0]])
tf.gather([10,20,30,40,50,60],rt)
tf.gather(rt3,[0,0])
tf.gather(rt,tf.ragged.constant([[1],[],[2,0]]),batch_dims=1)
tf.gather_nd(rt,[[0,1],[2,2]])
tf.gather_nd(rt,[[0],[2]])
tf.expand_dims(rt,0)
tf.expand_dims(rt,1)
tf.expand_dims(rt,-1)
tf.squeeze(tf.expand_dims(rt,1),1)
tf.tile(rt,[2,1])
tf.tile(rt,[1,2])
tf.reverse(rt,[0])
tf.reverse(rt,[1])
tf.size(rt)
tf.rank(rt)
tf.where(rt>2,rt,-rt)
tf.where(rt>2)
tf.ragged.boolean_mask(rt,rt>2)
tf.ragged.boolean_mask(rt,[True,False,True])
tf.ragged.boolean_mask([[1,2],[3,4]],[[True,False],[True,True]])
tf.one_hot(rt,3)
tf.zeros_like(rt)
tf.ones_like(rt)
tf.cast(rt,tf.float32)
tf.nn.relu(rf-2)
tf.math.sqrt(rf)
tf.abs(-rt)
tf.clip_by_value(rt,2,4)
tf.add_n([rt,rt])
rt+tf.constant([[1],[2],[3]])
rt+[[1],[2],[3]]
rt+[1,2]
rt3+tf.constant([[[1]],[[2]],[[3]]])
rt+tf.ragged.constant([[1],[1],[1]])
tf.map_fn(tf.reduce_sum,rt,fn_output_signature=tf.int32)
tf.map_fn(lambda r: r*2,rt,fn_output_signature=tf.RaggedTensorSpec([None],tf.int32))
tf.ragged.range([3,5,2])
tf.ragged.range([3,5],[9,6],[2,1])
tf.ragged.range(3)
tf.ragged.constant([['a','bc'],['d']])
tf.ragged.constant([[1.5,2],[3]])
tf.ragged.constant([])
tf.ragged.constant([[]])
tf.ragged.constant([[[1,2]],[[3,4],[5,6]]],ragged_rank=1)
tf.ragged.constant([[[1,2]],[[3,4],[5,6]]],inner_shape=(2,))
tf.ragged.constant([[1,2],3])
tf.ragged.constant(5)
tf.RaggedTensor.from_tensor([[1,2,0],[3,0,0],[0,0,0]],padding=0)
tf.RaggedTensor.from_tensor([[1,2,0],[3,0,0]],lengths=[2,0])
tf.RaggedTensor.from_tensor([[1,2],[3,4]])
tf.RaggedTensor.from_tensor([[[1,2],[3,4]]],ragged_rank=2)
tf.RaggedTensor.from_tensor([[[1,0],[3,4]]],lengths=[[2],[1,2]])
tf.RaggedTensor.from_tensor([[1,2],[3,4]]).shape
tf.RaggedTensor.from_sparse(rt.to_sparse())
tf.RaggedTensor.from_value_rowids([1,2,3],[0,0,2])
tf.RaggedTensor.from_value_rowids([1,2,3],[0,0,2],nrows=5)
tf.RaggedTensor.from_value_rowids([1,2,3],[0,2,1])
tf.RaggedTensor.from_row_lengths([1,2,3],[2,1])
tf.RaggedTensor.from_row_lengths([1,2,3],[2,2])
tf.RaggedTensor.from_row_starts([1,2,3],[0,2])
tf.RaggedTensor.from_row_limits([1,2,3],[0,3])
tf.RaggedTensor.from_row_splits([1,2,3],[0,3,2])
tf.RaggedTensor.from_row_splits([1,2,3],[1,3])
tf.RaggedTensor.from_uniform_row_length([1,2,3,4],2)
tf.RaggedTensor.from_uniform_row_length([1,2,3,4],2).shape
tf.RaggedTensor.from_uniform_row_length([1,2,3,4],3)
tf.RaggedTensor.from_uniform_row_length(rt,3)
tf.RaggedTensor.from_nested_row_splits([1,2,3],[[0,1,2],[0,2,3]])
tf.RaggedTensor.from_nested_row_lengths([1,2,3],[[1,1],[2,1]])
tf.RaggedTensor.from_nested_value_rowids([1,2,3],[[0,1],[0,0,1]])
rt.with_values([5,6,7,8,9])
rt.with_flat_values([5.,6,7,8,9])
tf.ragged.map_flat_values(tf.ones_like,rt3)
tf.ragged.map_flat_values(lambda x: x[:2],rt3)
rt.with_row_splits_dtype(tf.int32).row_splits
tf.ragged.row_splits_to_segment_ids([0,3,3,5])
tf.ragged.segment_ids_to_row_splits([0,0,0,2,2])
tf.RaggedTensorSpec.from_value(rt)
tf.RaggedTensorSpec([None,None],tf.int32)
tf.RaggedTensorSpec([2,None,3],tf.int32,ragged_rank=1)
tf.nn.embedding_lookup(tf.reshape(tf.range(12.),[6,2]),rt)
[r.numpy().tolist() for r in rt]
bool(rt)
tf.convert_to_tensor(rt)
tf.function(lambda r: r*2)(rt)
tf.function(lambda r: r.to_tensor())(rt)
tf.function(lambda r: tf.reduce_sum(r,1))(rt)
tf.function(lambda r: r[:,:1])(rt)
tf.function(lambda r: r[1:])(rt)
tf.function(lambda r: tf.concat([r,r],1))(rt)
tf.function(lambda r: tf.map_fn(tf.reduce_sum,r,fn_output_signature=tf.int32))(rt)
tf.nest.flatten(rt,expand_composites=True)
tf.is_tensor(rt)
str(rt3)
repr(tf.ragged.constant([[1.5]*40]*3))
tf.strings.upper(tf.ragged.constant([['a','b'],[]]))
tf.identity(rt)
tf.reduce_max(rt,0)
tf.math.divide_no_nan(rf,rf-1)
tf.math.pow(rt,2)
rt**2
rt%2
tf.maximum(rt,3)
tf.math.add(rt,rt)
tf.sort(rt)
tf.argmax(rt,1)
tf.cumsum(rt,axis=1)
"""

STRINGS = r"""
tf.strings.lower(s)
tf.strings.upper(s,encoding='utf-8')
tf.strings.lower('ÀÉ',encoding='utf-8')
tf.strings.lower('a',encoding='latin')
tf.strings.strip(s)
tf.strings.length(s)
tf.strings.length(s,unit='UTF8_CHAR')
tf.strings.length(s,unit='X')
tf.strings.substr('Hello',1,3)
tf.strings.substr('Hello',-3,2)
tf.strings.substr('Hello',7,2)
tf.strings.substr('Hello',5,2)
tf.strings.substr(['Hello','wörld'],[1,2],[2,3],unit='UTF8_CHAR')
tf.strings.substr(['Hello','World'],[[1],[2]],[[2],[3]])
tf.strings.to_hash_bucket_fast(s,1000003)
tf.strings.to_hash_bucket(s,1000003)
tf.strings.to_hash_bucket_strong(s,1000003,[1,-2])
tf.strings.to_hash_bucket_fast(s,0)
tf.fingerprint(s)
tf.fingerprint([[1,2],[3,4]])
tf.fingerprint([['a','b'],['c','d']])
tf.strings.as_string([1,2])
tf.strings.as_string(3.14159)
tf.strings.as_string(3.14159,precision=2)
tf.strings.as_string(31415.9,scientific=True)
tf.strings.as_string(1e20,shortest=True)
tf.strings.as_string(True)
tf.strings.as_string(3+4j)
tf.strings.as_string([1,20],width=5,fill='0')
tf.strings.as_string([1,20],width=5)
tf.strings.as_string([1,20],precision=2)
tf.strings.as_string(tf.constant([float('nan'),float('inf'),-float('inf')]))
tf.strings.as_string(1.5,fill='x')
tf.strings.to_number(['1.5','-2',' 3 ','inf','1e3'])
tf.strings.to_number('abc')
tf.strings.to_number('')
tf.strings.to_number(['1','-7'],tf.int32)
tf.strings.to_number('1.5',tf.int32)
tf.strings.to_number('3000000000',tf.int32)
tf.strings.to_number('3000000000',tf.int64)
tf.strings.to_number('nan',tf.float64)
tf.strings.to_number('1',tf.int8)
tf.strings.join(['a','b','c'],separator='-')
tf.strings.join([['a','b'],'x'])
tf.strings.join([['a','b'],['x']])
tf.strings.join([['a','b'],['x','y','z']])
tf.strings.join([rs,rs],separator='|')
tf.strings.join([])
tf.strings.split('hello  world ')
tf.strings.split(['a b','','c'])
tf.strings.split('a,b,,c',sep=',')
tf.strings.split(['a,b,c','d'],sep=',',maxsplit=1)
tf.strings.split(['a  b c'],maxsplit=1)
tf.strings.split([['a b','c'],['d','e f']])
tf.strings.split(rs)
tf.strings.bytes_split('abc')
tf.strings.bytes_split(['ab','','c'])
tf.strings.bytes_split(rs)
tf.strings.regex_replace(s,'l+','L')
tf.strings.regex_replace('abc123','([a-z]+)([0-9]+)',r'\2-\1')
tf.strings.regex_replace('abc abc','b','X',replace_global=False)
tf.strings.regex_replace('abc','(','X')
tf.strings.regex_replace('it is, ok! [x]','[[:punct:]]','')
tf.strings.regex_replace('it is, ok! [x]',r'[^\w\s]','')
tf.strings.regex_replace('a<br />b','<[^>]+>',' ')
tf.strings.regex_replace('größe Ünd','\\p{Lu}','X')
tf.strings.regex_replace('abc','$','!')
tf.strings.regex_replace('a.b.c','\\.','')
tf.strings.regex_replace('abc','^','>')
tf.strings.regex_replace('abc','','-')
tf.strings.regex_full_match(['TF lib','lib TF'],'.*TF')
tf.strings.regex_full_match('a\nb','a.b')
tf.strings.regex_replace(rs,' ','_')
tf.strings.unicode_decode('größe','UTF-8')
tf.strings.unicode_decode(['Gö','x',''],'UTF-8')
tf.strings.unicode_decode([['a','bc'],['d','']],'UTF-8')
tf.strings.unicode_decode(rs,'UTF-8')
tf.strings.unicode_decode(b'a\xffb','UTF-8')
tf.strings.unicode_decode(b'a\xffb','UTF-8',errors='ignore')
tf.strings.unicode_decode(b'a\xffb','UTF-8',errors='strict')
tf.strings.unicode_decode(b'a\xffb','UTF-8',replacement_char=65)
tf.strings.unicode_decode('a\x01b','UTF-8',replace_control_characters=True)
tf.strings.unicode_decode('ab','nope')
tf.strings.unicode_decode_with_offsets(['größe','x'],'UTF-8')
tf.strings.unicode_split('größe','UTF-8')
tf.strings.unicode_split(['größe','x'],'UTF-8')
tf.strings.unicode_split_with_offsets(['größe','x'],'UTF-8')
tf.strings.unicode_encode([103,114,246],'UTF-8')
tf.strings.unicode_encode([[103,114],[246,97]],'UTF-8')
tf.strings.unicode_encode(tf.ragged.constant([[103],[246,97],[]]),'UTF-16-BE')
tf.strings.unicode_encode([1114112],'UTF-8')
tf.strings.unicode_encode([1114112],'UTF-8',errors='strict')
tf.strings.unicode_encode([1],'latin')
tf.strings.unicode_transcode(['größe',b'\xff'],'UTF-8','UTF-16-BE')
tf.strings.unicode_transcode('a','UTF-8','latin')
tf.strings.ngrams(['a','b','c','d'],2)
tf.strings.ngrams(['a','b','c','d'],[1,3])
tf.strings.ngrams([['a','b','c'],['d','e','f']],2)
tf.strings.ngrams(tf.ragged.constant([['a','b','c'],['d']]),2)
tf.strings.ngrams(tf.ragged.constant([['a','b','c'],['d']]),2,preserve_short_sequences=True)
tf.strings.ngrams(['a','b'],3,pad_values=('L','R'))
tf.strings.ngrams(['a','b'],3,pad_values='P',padding_width=1,separator='_')
tf.strings.ngrams(['a','b'],0)
tf.strings.reduce_join([['abc','123'],['def','456']])
tf.strings.reduce_join([['abc','123'],['def','456']],axis=0)
tf.strings.reduce_join([['abc','123'],['def','456']],axis=-1,separator='-')
tf.strings.reduce_join([['abc','123'],['def','456']],axis=-1,keepdims=True)
tf.strings.reduce_join([['a','b'],['c','d']],axis=[1,0])
tf.strings.reduce_join([['a','b'],['c','d']],axis=2)
tf.strings.reduce_join(rs,axis=1)
tf.strings.reduce_join(rs,axis=-1,separator='+')
tf.strings.unsorted_segment_join(['a','b','c'],[1,0,1],2,separator=':')
tf.strings.unsorted_segment_join(['a','b','c'],[1,0,5],2)
tf.strings.format('tensor: {}, suffix',tf.range(10))
tf.strings.format('{} {}',(tf.constant([1.5,2]),'x'))
tf.strings.format('%t%',tf.constant(['a','b']),placeholder='%t%')
tf.strings.format('{}',[])
tf.strings.format('{}',tf.reshape(tf.range(20),[4,5]),summarize=2)
tf.constant('a')+tf.constant('b')
tf.constant(['a','b'])==tf.constant(['a','c'])
tf.strings.lower(rs)
tf.strings.length(rs)
tf.strings.to_number(tf.ragged.constant([['1'],['2','3']]))
tf.strings.substr(rs,0,1)
tf.strings.strip(rs)
tf.strings.as_string(tf.ragged.constant([[1],[2,3]]))
tf.strings.to_hash_bucket_fast(rs,10)
tf.function(lambda x: tf.strings.split(x).to_tensor())(tf.constant(['a b','c']))
tf.function(lambda x: tf.strings.format('{}',x))(tf.constant([1,2]))
tf.io.decode_csv(['1,a'],[0,''])
tf.as_string(5)
tf.io.encode_base64(rs)
"""

DATASETS = r"""
D.from_tensor_slices(rt)
D.from_tensor_slices(rt3)
D.from_tensor_slices((rt, [7, 8, 9]))
D.from_tensor_slices(rt3).batch(2)
D.from_tensors(rt).map(lambda r: r * 2)
D.range(4).map(tf.range).ragged_batch(3)
D.range(4).map(tf.range).apply(tf.data.experimental.dense_to_ragged_batch(3, drop_remainder=True))
D.range(1, 4).map(lambda i: tf.ones([i, 2], tf.int32)).ragged_batch(3)
D.range(1, 4).map(lambda i: tf.ones([i, i], tf.int32)).ragged_batch(3)
D.from_tensor_slices(rt).map(lambda r: r + 1).batch(2).unbatch()
D.from_tensors(rt).batch(2)
D.from_tensors(rt).unbatch()
D.from_tensor_slices(rt).filter(lambda r: tf.size(r) > 0)
D.from_tensor_slices(rt.to_sparse()).batch(2)
"""

NUMPY = r"""
tnp.array([1,2])
tnp.array([1.5])
tnp.array(1)
tnp.asarray(np.float32(1))
tnp.add(1,2.5)
tnp.add(tf.constant(1),tf.constant(2.5))
tnp.add(np.int32(1),np.float32(2))
tnp.sum([1,2,3])
tnp.sum(tf.constant([1,2,3],tf.int8))
tnp.mean([1,2])
tnp.divide(1,2)
tnp.true_divide(tf.constant(1),tf.constant(2))
tnp.floor_divide(7,2)
tnp.power(2,3)
tnp.maximum(1,2.)
tnp.ones([2])
tnp.zeros([2],dtype=int)
tnp.arange(3)
tnp.arange(3.)
tnp.linspace(0,1,3)
tnp.eye(2)
tnp.argmax([1,3,2])
tnp.where([True,False],1,2)
tnp.nonzero([0,1,2])
tnp.concatenate([[1],[2.]])
tnp.isclose(1,1.0000001)
tnp.allclose([1],[1])
tnp.var([1,2,3])
tnp.std(tf.constant([1,2,3]))
tnp.matmul([[1,2]],[[1],[2]])
tnp.dot([1,2],[3,4])
tnp.random.rand(2).dtype
tnp.random.randn(2,3).shape
tnp.random.randint(5).dtype
tnp.cumsum([1,2])
tnp.any([0,1])
tnp.bitwise_and(5,3)
tnp.full([2],3)
tnp.size([1,2])
tnp.shape([[1,2]])
tnp.expand_dims([1],0)
tnp.result_type(1,2.)
tnp.promote_types(tnp.int32,tnp.float32)
tnp.finfo(tnp.float32).eps
tnp.iinfo(tnp.int32).max
tnp.sort([3,1,2])
tnp.argsort([3,1,2])
tnp.heaviside(0.,.5)
tnp.average([1,2,3],weights=[1,1,2])
tnp.einsum('i,i->',[1,2],[3,4])
tnp.diag([1,2])
tnp.tril([[1,2],[3,4]])
tnp.meshgrid([1,2],[3,4])
tnp.split([1,2,3,4],2)
tnp.vander([1,2,3])
tnp.count_nonzero([0,1,2])
tnp.ptp([1,5])
tnp.isnan([1.,float('nan')])
tnp.abs(-1)
tnp.sign(-2.)
tnp.squeeze([[1]])
tnp.take([1,2,3],[0,2])
tnp.geomspace(1,100,3)
tnp.logspace(0,2,3)
tnp.identity(2)
tnp.tri(2)
tnp.cross([1,0,0],[0,1,0])
tnp.inner([1,2],[3,4])
tnp.outer([1,2],[3,4])
tnp.kron([1,2],[3,4])
tnp.tensordot([[1,2]],[[3],[4]],1)
tnp.trace([[1,2],[3,4]])
tnp.flip([1,2])
tnp.roll([1,2,3],1)
tnp.repeat([1,2],2)
tnp.tile([1,2],2)
tnp.stack([[1],[2]])
tnp.hstack([[1],[2]])
tnp.vstack([[1],[2]])
tnp.moveaxis(np.ones((2,3)),0,1).shape
tnp.swapaxes(np.ones((2,3)),0,1).shape
tnp.broadcast_to([1,2],[2,2])
tnp.logical_and(1,0)
tnp.clip([1,5],2,3)
tnp.diff([1,4,9])
tnp.gcd(4,6)
tnp.lcm(4,6)
tnp.nanmean([1,float('nan')])
tnp.polyval([1,2],3)
tnp.sinc(0.5)
tnp.square(3)
tnp.positive(3)
tnp.ravel([[1,2]])
tnp.reshape([1,2],[2,1])
tnp.transpose([[1,2]])
tnp.atleast_2d(1)
tnp.isscalar(1)
tnp.ix_([0,1],[1])
tnp.append([1],[2])
tnp.array_equal([1],[1])
tnp.real(1+2j)
tnp.compress([True,False],[1,2])
tnp.select([[True,False]],[[1,2]])
tnp.fix(1.5)
tnp.remainder(5,3)
tnp.mod(5.5,3)
tnp.nextafter(1.,2.)
"""

FAMILIES = {"numpy": NUMPY, "ragged": RAGGED, "strings": STRINGS, "datasets": DATASETS}


def lines():
    """`(family, expression)` of all."""
    return [(family, line) for family, text in FAMILIES.items() for line in text.strip().splitlines()]


def namespace(tf):
    names = {"tf": tf, "np": __import__("numpy")}
    exec(SETUP, names)
    return names


def shown(tf, names, family, expression):
    """What an expression gives, as text."""
    try:
        value = eval(expression, names)
        if family == "datasets":
            return "\n".join([str(value.element_spec), *[_text(tf, x) for x in value]])
        return _text(tf, value)
    except Exception as error:
        return type(error).__name__.lstrip("_")


def _text(tf, value):
    if isinstance(value, tf.SparseTensor):
        return str([value.indices.numpy().tolist(), value.values.numpy().tolist(), value.dense_shape.numpy().tolist()])
    return str(value)
